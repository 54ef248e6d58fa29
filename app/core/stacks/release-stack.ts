import { omitUndefined } from '../../lib/omit-undefined.ts';
import type { Deps, StoreClockDeps, StoreDeps } from '../deps.ts';
import { BerthError } from '../model/errors.ts';
import type { HolderRecord } from '../model/hold.ts';
import type { Holder } from '../model/ids.ts';
import type { Project } from '../model/project.ts';
import { isTerminal } from '../model/run-state.ts';
import {
  hasExpired,
  isAvailable,
  isReserved,
  isSameRequest,
  type Stack,
  stackNumberOf,
} from '../model/stack.ts';
import { endTurn } from './acquire-stack.ts';
import { grantWaiters, type LineDeps } from './grant-waiters.ts';
import { endHold, followTeardown } from './tear-down-stack.ts';

/**
 * Finds a stack by name.
 *
 * @throws BerthError `stack_not_found`.
 */
export async function findStack(deps: StoreDeps, project: Project, stackName: string): Promise<Stack> {
  const number = stackNumberOf(stackName);
  const stack = number === undefined ? undefined : await deps.store.stacks.get(project.id, number);
  if (stack?.stackName === stackName) return stack;
  throw new BerthError('stack_not_found', `Project ${project.name} has no stack ${stackName}.`, {
    hint: 'GET /listStacks lists the stacks.',
  });
}

/** @throws BerthError `stack_held` if a person has reserved the stack. */
export function refuseReserved({ clock }: Pick<Deps, 'clock'>, stack: Stack): void {
  const { reservation, stackName } = stack;
  if (reservation === undefined || !isReserved(stack, clock.now())) return;
  const { by, until, reason } = reservation;
  const text = `Stack ${stackName} is reserved by ${by} until ${until.toISOString()}: ${reason}`;
  throw new BerthError('stack_held', text, { hint: 'End the reservation first.' });
}

/** The error for a client whose hold has ended. */
export function staleToken({ stackName }: Stack, token: number | undefined): BerthError {
  const how = token === undefined ? '' : ` with lock token ${token}`;
  return new BerthError('stack_token_stale', `Stack ${stackName} is no longer held${how}.`, {
    hint: 'The hold has ended and another may have begun: request a stack again.',
  });
}

/**
 * Releases a stack and notifies the next in the queue. Releasing an available stack is not an error.
 *
 * @param request.token releases this hold only: a client that comes late never takes the stack from the next holder.
 * @throws BerthError `stack_not_found`; `stack_token_stale` for a different hold; `stack_held` if a run is
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
  refuseReserved(deps, stack);
  const left = await withoutEndedRuns(deps, project, stack);
  // Another process released it in the meantime.
  if (isAvailable(left) || left.token !== stack.token) return;
  if (!(await releaseHold(deps, project, left))) {
    throw new BerthError(
      'stack_held',
      `Stack ${stack.stackName} cannot be released: a run is active on it.`,
      {
        hint: 'Cancel the run, or wait until it ends.',
      },
    );
  }
}

/**
 * Ends the turns of runs that have ended. A run ends its own turn too, but a step later, and a client that sees the end
 * of the tests can release the stack immediately. A run that crashed while it started its turn never ends it.
 *
 * @returns the stack afterwards.
 */
export async function withoutEndedRuns(deps: StoreClockDeps, project: Project, stack: Stack): Promise<Stack> {
  let left = stack;
  for (const id of stack.activeRuns) {
    const run = await deps.store.runs.get(id);
    if (run !== undefined && isTerminal(run.state)) left = (await endTurn(deps, project, left, id)) ?? left;
  }
  return left;
}

/**
 * Releases the stack of a holder, if no run is active on it, and its ticket.
 *
 * @param options.known the holder's record and its stack, if the caller has read them.
 * @param options.whenIdle while runs are active on the stack, notes that the last of them must release it.
 * @returns the released stack.
 */
export async function releaseHolder(
  deps: LineDeps,
  project: Project,
  holder: Holder,
  options: {
    readonly known?: { readonly record: HolderRecord; readonly stack: Stack } | undefined;
    readonly whenIdle?: true;
  } = {},
): Promise<Stack | undefined> {
  const { known, ...when } = options;
  const record = known?.record ?? (await deps.store.holders.get(project.id, holder));
  if (record?.ticketNumber !== undefined)
    await deps.store.queue.leave(project.id, holder, record.ticketNumber);
  if (record?.stackNumber === undefined) return undefined;
  const stack = known?.stack ?? (await deps.store.stacks.get(project.id, record.stackNumber));
  if (stack?.hold?.holder !== holder) return undefined;
  return (await releaseHold(deps, project, stack, { record, ...when })) ? stack : undefined;
}

/**
 * Ends a hold and notifies the next in the queue. If the stack needs a teardown first, starts it; the queue is
 * notified when it has ended.
 *
 * @param options.expired only if its lease has expired: the holder may have renewed it since it was read.
 * @param options.unchanged only if its holder has not asked for it since it was read.
 * @param options.record of its holder, if the caller has read it during the hold.
 * @param options.whenIdle while runs are active on the stack, notes that the last of them must end the hold.
 * @returns false if the hold has already ended, or a run is active on the stack.
 */
export async function releaseHold(
  deps: LineDeps,
  project: Project,
  seen: Stack,
  options: {
    readonly expired?: boolean;
    readonly unchanged?: boolean;
    readonly record?: HolderRecord;
    readonly whenIdle?: true;
  } = {},
): Promise<boolean> {
  // Only the teardown run releases a stack that is being torn down.
  if (await followTeardown(deps, seen)) return false;
  // Before the hold ends: a crash in between leaves no gap in the stack's history.
  if (seen.activeRuns.length === 0) await deps.store.holds.noteEnd(seen, deps.clock.now());
  const mayEnd = (current: Stack): boolean => {
    if (options.expired === true && !hasExpired(current, deps.clock.now())) return false;
    return options.unchanged !== true || isSameRequest(current, seen);
  };
  const stack = await endHold(
    deps,
    project,
    seen,
    omitUndefined({ mayEnd, record: options.record, whenIdle: options.whenIdle }),
  );
  if (stack === undefined) return false;
  if (stack.hold !== undefined) return true;
  if (stack.dirty !== undefined) {
    const { projectId, stackName, dirty } = stack;
    deps.log.warn({ projectId, stack: stackName, ...dirty }, 'the teardown of a stack failed');
    await deps.events.publish({ type: 'StackDirty', stack });
    return true;
  }
  await deps.events.publish({ type: 'StackReleased', stack: seen });
  await grantWaiters(deps, project);
  return true;
}
