import { later } from '../../lib/later.ts';
import type { StoreClockDeps } from '../deps.ts';
import { BerthError } from '../model/errors.ts';
import { reserved, unreserved } from '../model/hold.ts';
import { branchOfHolder } from '../model/ids.ts';
import type { Project } from '../model/project.ts';
import { isReserved, type Stack } from '../model/stack.ts';
import { changeStack } from './change-stack.ts';
import { grantWaiters, type LineDeps } from './grant-waiters.ts';
import { findStack } from './release-stack.ts';

export const maxReservationSeconds = 30 * 86_400;

/**
 * Reserves a stack for a person: until the end of the reservation its hold does not end, and it goes to no other holder.
 * The runs of its holder continue. A second reservation replaces the first.
 *
 * @throws BerthError `stack_not_found`; `stack_held` while the stack is torn down.
 */
export async function reserveStack(
  deps: StoreClockDeps,
  request: {
    readonly project: Project;
    readonly stackName: string;
    readonly by: string;
    readonly reason: string;
    readonly seconds: number;
  },
): Promise<Stack> {
  const { project, by, reason, seconds } = request;
  const seen = await findStack(deps, project, request.stackName);
  const since = deps.clock.now();
  const reservation = { by, reason, since, until: later(since, seconds) };
  const stack = await changeStack(deps.store.stacks, seen, (current) =>
    current.hold?.teardownOf === undefined ? reserved(current, reservation) : undefined,
  );
  if (stack !== undefined) {
    await wakeCommentsOf(deps, project, stack);
    return stack;
  }
  throw new BerthError('stack_held', `Stack ${seen.stackName} is being torn down.`, {
    hint: 'Reserve it when that has ended.',
  });
}

/**
 * Ends a reservation before its time. It is not an error if the stack is not reserved.
 *
 * @throws BerthError `stack_not_found`.
 */
export async function unreserveStack(
  deps: LineDeps,
  { project, stackName }: { readonly project: Project; readonly stackName: string },
): Promise<Stack> {
  const seen = await findStack(deps, project, stackName);
  const stack = await changeStack(deps.store.stacks, seen, (current) =>
    current.reservation === undefined ? current : unreserved(current, deps.clock.now()),
  );
  await grantWaiters(deps, project);
  await wakeCommentsOf(deps, project, stack ?? seen);
  return stack ?? seen;
}

export function endReservation(deps: StoreClockDeps, seen: Stack): Promise<Stack | undefined> {
  const now = deps.clock.now();
  return changeStack(deps.store.stacks, seen, (current) =>
    current.reservation === undefined || isReserved(current, now) ? current : unreserved(current, now),
  );
}

/** Requests a reconcile of the comments in the pull requests of the branch that holds a stack. */
async function wakeCommentsOf(
  { store, clock }: StoreClockDeps,
  { id: projectId, github }: Project,
  { hold }: Stack,
): Promise<void> {
  const name = hold === undefined ? undefined : branchOfHolder(hold.holder);
  if (name === undefined || github === undefined) return;
  const [branch] = await store.branches.getAll([{ projectId, repositoryId: github.repositoryId, name }]);
  for (const { number } of branch?.pulls ?? []) await store.comments.wake(projectId, number, clock.now());
}
