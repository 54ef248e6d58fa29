import type { StackStore } from '../../ports/stack-store.ts';
import { LostRace } from '../model/errors.ts';
import { type AcquireParams, admits, awaitedBy, renewed } from '../model/hold.ts';
import type { Holder, ProjectId } from '../model/ids.ts';
import { retryLostRace } from '../model/retry-lost-race.ts';
import type { Stack } from '../model/stack.ts';

/**
 * Changes a stack, and decides again while another writer was first.
 *
 * @param seen the last known state of the stack, or where to find it.
 * @param decide returns the changed stack; the same object for no change; undefined if it must not be changed.
 * @returns the stack afterwards; undefined if it does not exist or must not be changed.
 */
export async function changeStack(
  stacks: StackStore,
  seen: Stack | { readonly projectId: ProjectId; readonly number: number },
  decide: (current: Stack) => Stack | undefined | Promise<Stack | undefined>,
): Promise<Stack | undefined> {
  if ('token' in seen) {
    try {
      const next = await decide(seen);
      if (next === seen) return seen;
      if (next !== undefined) return await stacks.save(next, seen);
    } catch (error) {
      if (!(error instanceof LostRace)) throw error;
    }
  }
  // A refusal is also decided on the current state.
  return retryLostRace(async () => {
    const current = await stacks.get(seen.projectId, seen.number);
    const next = current && (await decide(current));
    return current === undefined || next === undefined || next === current
      ? next
      : stacks.save(next, current);
  });
}

export type Renewal =
  | { readonly kind: 'held'; readonly stack: Stack }
  /** Another run of the holder has its turn. */
  | { readonly kind: 'busy' }
  /** The holder does not have the stack, or not with this token. */
  | { readonly kind: 'not held' };

/** Notes on a stack of this holder that the end of the turns on it matters. */
export async function noteAwaited(
  stacks: StackStore,
  seen: Parameters<typeof changeStack>[1],
  holder: Holder,
): Promise<void> {
  await changeStack(stacks, seen, (current) =>
    current.hold?.holder === holder && current.activeRuns.length > 0 ? awaitedBy(current) : current,
  );
}

/** Records another request of a holder for its stack, and begins the turn of its run. */
export async function renewHold(
  stacks: StackStore,
  seen: Parameters<typeof changeStack>[1],
  params: AcquireParams,
  token?: number,
): Promise<Renewal> {
  let refusal: Renewal | undefined;
  const stack = await changeStack(stacks, seen, (current) => {
    refusal = { kind: 'not held' };
    if (current.hold?.holder !== params.holder || (token ?? current.token) !== current.token)
      return undefined;
    if (admits(current, params.turn)) {
      refusal = undefined;
      return renewed(current, params);
    }
    refusal = { kind: 'busy' };
    // In the same write as the refusal: the run whose turn it is sees it at the end of its turn, and wakes this one.
    return awaitedBy(current);
  });
  return stack === undefined || refusal !== undefined
    ? (refusal ?? { kind: 'not held' })
    : { kind: 'held', stack };
}
