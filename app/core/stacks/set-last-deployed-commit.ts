import type { StoreClockDeps } from '../deps.ts';
import type { Project } from '../model/project.ts';
import type { Stack } from '../model/stack.ts';
import { changeStack } from './change-stack.ts';
import { findStack, staleToken } from './release-stack.ts';

/**
 * Records which commit was deployed to a stack.
 *
 * @param request.token only while this hold lasts.
 * @throws BerthError `stack_not_found`, `stack_token_stale`.
 */
export async function setLastDeployedCommit(
  deps: StoreClockDeps,
  request: { project: Project; stackName: string; commit: string; token?: number },
): Promise<Stack> {
  const { project, token } = request;
  const stack = await findStack(deps, project, request.stackName);
  const now = deps.clock.now();
  const changed = await changeStack(deps.store.stacks, stack, (current) =>
    token === undefined || (current.hold !== undefined && current.token === token)
      ? { ...current, lastDeployedCommit: request.commit, modified: now }
      : undefined,
  );
  if (changed === undefined) throw staleToken(stack, token);
  await deps.store.holds.noteDeployment(changed, { commit: request.commit, at: now });
  return changed;
}
