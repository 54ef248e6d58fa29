import { BerthError } from '../model/errors.ts';
import { expiredNow } from '../model/hold.ts';
import type { Project } from '../model/project.ts';
import type { Run } from '../model/run.ts';
import { isAvailable } from '../model/stack.ts';
import { cancelRun } from '../runs/cancel-run.ts';
import { changeStack } from './change-stack.ts';
import type { LineDeps } from './grant-waiters.ts';
import { findStack, refuseReserved, releaseHold, staleToken } from './release-stack.ts';

/**
 * Takes a stack from its holder for the next one, even while its tests run: the lease ends now, by one
 * conditional write, and the runs on it are canceled. The next reconcile after they have stopped releases the stack; a
 * crash in between changes nothing about that.
 *
 * @param request.token only this hold.
 * @returns the runs that have to stop first; empty if the stack was released, or its teardown started, immediately.
 * @throws BerthError `stack_not_found`; `stack_token_stale`; `stack_held` while it is torn down.
 */
export async function reclaimStack(
  deps: LineDeps,
  request: { project: Project; stackName: string; token?: number; by: string },
): Promise<readonly Run['id'][]> {
  const { project, token, by } = request;
  const stack = await findStack(deps, project, request.stackName);
  if (token !== undefined && token !== stack.token) throw staleToken(stack, token);
  const { hold } = stack;
  if (isAvailable(stack) || hold === undefined) return [];
  refuseReserved(deps, stack);
  if (hold.teardownOf !== undefined) {
    throw new BerthError('stack_held', `Stack ${stack.stackName} is being torn down.`, {
      hint: 'It is free when the teardown has ended. If the teardown hangs, cancel its run.',
    });
  }
  const reclaimed = await changeStack(deps.store.stacks, stack, (current) =>
    current.hold !== undefined && current.token === stack.token
      ? expiredNow(current, deps.clock.now())
      : undefined,
  );
  if (reclaimed === undefined) throw staleToken(stack, token);
  const reason = `The stack ${stack.stackName} was reclaimed.`;
  for (const id of reclaimed.activeRuns) await cancelRun(deps, { id, reason, by });
  if (reclaimed.activeRuns.length === 0) await releaseHold(deps, project, reclaimed, { expired: true });
  return reclaimed.activeRuns;
}
