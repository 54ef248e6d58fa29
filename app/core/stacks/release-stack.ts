import type { ReleaseOptions } from '../../ports/stack-store.ts';
import type { Deps } from '../deps.ts';
import { BerthError } from '../model/errors.ts';
import type { Holder } from '../model/ids.ts';
import type { Project } from '../model/project.ts';
import { isTerminal } from '../model/run-state.ts';
import { isAvailable, type Stack, stackNumberOf } from '../model/stack.ts';
import { endTurn } from './acquire-stack.ts';
import { grantWaiters, type LineDeps } from './grant-waiters.ts';
import { beginTeardown, followTeardown } from './tear-down-stack.ts';

/**
 * The stack of that name.
 *
 * @throws BerthError `stack_not_found`.
 */
export async function findStack(
  deps: Pick<Deps, 'store'>,
  project: Project,
  stackName: string,
): Promise<Stack> {
  const number = stackNumberOf(stackName);
  const stack = number === undefined ? undefined : await deps.store.stacks.get(project.id, number);
  if (stack?.stackName === stackName) return stack;
  throw new BerthError('stack_not_found', `Project ${project.name} has no stack ${stackName}.`, {
    hint: 'GET /listStacks shows those there are.',
  });
}

/** The error for a client whose hold has ended. */
export function staleToken({ stackName }: Stack, token: number | undefined): BerthError {
  const how = token === undefined ? '' : ` with lock token ${token}`;
  return new BerthError('stack_token_stale', `Stack ${stackName} is not held${how} any more.`, {
    hint: 'The hold has ended and another may have begun: request a stack again.',
  });
}

/**
 * Releases a stack and notifies the next in the queue. Releasing an available stack is not an error.
 *
 * @param request.token releases this hold only: a client that comes late never takes the stack from the next holder.
 * @throws BerthError `stack_not_found`; `stack_token_stale` where the hold is another; `stack_held` where a run is
 *   active on it.
 */
export async function releaseStack(
  deps: LineDeps,
  request: { project: Project; stackName: string; token?: number },
): Promise<void> {
  const { project, token } = request;
  const stack = await findStack(deps, project, request.stackName);
  if (token !== undefined && stack.token !== token) throw staleToken(stack, token);
  if (isAvailable(stack)) return;
  const left = await withoutEndedRuns(deps, project, stack);
  // Another process released it in the meantime.
  if (isAvailable(left) || left.token !== stack.token) return;
  if (!(await releaseHold(deps, project, left))) {
    throw new BerthError(
      'stack_held',
      `Stack ${stack.stackName} cannot be released: a run is active on it.`,
      {
        hint: 'Cancel the run, or wait for its end.',
      },
    );
  }
}

/**
 * Ends the turns of runs that have ended. A run ends its own turn too, but a step later, and a client that sees the end
 * of the tests can release the stack immediately; and a run that died while it started its turn never ends it.
 *
 * @returns the stack as it is then.
 */
export async function withoutEndedRuns(
  deps: Pick<Deps, 'store' | 'clock'>,
  project: Project,
  stack: Stack,
): Promise<Stack> {
  let left: Stack | undefined = stack;
  for (const id of stack.activeRuns) {
    const run = await deps.store.runs.get(id);
    if (run !== undefined && isTerminal(run.state)) left = await endTurn(deps, project, stack.number, id);
  }
  return left ?? stack;
}

/**
 * Releases the stack that a holder has, if no run is active on it, and its place in the queue.
 *
 * @returns the released stack.
 */
export async function releaseHolder(
  deps: LineDeps,
  project: Project,
  holder: Holder,
): Promise<Stack | undefined> {
  const record = await deps.store.stacks.readHolder(project.id, holder);
  if (record?.ticketNumber !== undefined)
    await deps.store.stacks.dequeue(project.id, holder, record.ticketNumber);
  if (record?.stackNumber === undefined) return undefined;
  const stack = await deps.store.stacks.get(project.id, record.stackNumber);
  if (stack?.hold?.holder !== holder) return undefined;
  return (await releaseHold(deps, project, stack)) ? stack : undefined;
}

/**
 * Ends a hold and notifies the next in the queue. If the stack needs a teardown first, starts it; the queue is
 * notified when it has ended. The pointer is read before the hold ends: one that was set after it belongs to a later
 * request, and stays.
 *
 * @returns false where the hold has ended already, or a run is active on the stack.
 */
export async function releaseHold(
  deps: LineDeps,
  project: Project,
  stack: Stack,
  options: ReleaseOptions = {},
): Promise<boolean> {
  const { stacks } = deps.store;
  // Only the teardown run releases a stack that is being torn down.
  if (await followTeardown(deps, stack)) return false;
  // Before the hold ends: a crash in between leaves no gap in the stack's history.
  if (stack.activeRuns.length === 0) await deps.store.holds.noteEnd(stack, deps.clock.now());
  for (let seen = stack; ; ) {
    const record =
      seen.hold === undefined ? undefined : await stacks.readHolder(project.id, seen.hold.holder);
    const [wanted] = seen.teardowns ?? [];
    const isEnded =
      wanted === undefined
        ? await stacks.release(seen, deps.clock.now(), options)
        : await beginTeardown(deps, project, seen, wanted, options);
    if (isEnded) {
      if (record?.stackNumber === stack.number) await stacks.unreserve(project.id, record);
      if (wanted !== undefined) return true;
      await deps.events.publish({ type: 'StackReleased', stack });
      await grantWaiters(deps, project);
      return true;
    }
    if (options.unchanged === true) return false;
    const current = await stacks.get(project.id, stack.number);
    // A run that had its turn in between may have left something to be torn down.
    if (current === undefined || !isSameHold(current, stack) || !hasChanged(current, seen)) return false;
    seen = current;
  }
}

function isSameHold(current: Stack, stack: Stack): boolean {
  return current.hold !== undefined && current.token === stack.token && current.activeRuns.length === 0;
}

function hasChanged(current: Stack, seen: Stack): boolean {
  const of = ({ lastRequested, teardowns = [] }: Stack) =>
    [lastRequested.toISOString(), ...teardowns.map(({ runId }) => runId).sort()].join();
  return of(current) !== of(seen);
}
