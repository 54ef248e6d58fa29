import { omitUndefined } from '../../lib/omit-undefined.ts';
import type { Deps, StoreClockDeps } from '../deps.ts';
import type { RunId } from '../model/ids.ts';
import { retryLostRace } from '../model/retry-lost-race.ts';
import { isActive, type Run } from '../model/run.ts';

/**
 * Records that a run must end, and enqueues it. The next reconcile stops its task.
 *
 * @returns the run; one that has ended already is returned unchanged. Undefined if it does not exist.
 */
export function cancelRun(
  deps: Pick<Deps, 'store' | 'clock' | 'enqueue'>,
  { id, reason, by }: { id: RunId; reason: string; by?: string },
): Promise<Run | undefined> {
  return retryLostRace(async () => {
    const run = await deps.store.runs.get(id);
    if (run === undefined || !isActive(run) || run.cancel !== undefined) return run;
    const now = deps.clock.now();
    const cancel = omitUndefined({ at: now, reason, by });
    const saved = await deps.store.runs.save({ ...run, cancel, dueAt: now }, now);
    await deps.enqueue(id);
    return saved;
  });
}

/**
 * Changes a run, and decides again while another writer was first.
 *
 * @param seen the last known state of the run.
 * @param decide returns the changed run, or the same object for no change.
 * @returns the run afterwards; undefined if it was deleted.
 */
export async function changeRun(
  { store, clock }: StoreClockDeps,
  seen: Run,
  decide: (current: Run) => Run,
): Promise<Run | undefined> {
  let known: Run | undefined = seen;
  return retryLostRace(async () => {
    const current = known ?? (await store.runs.get(seen.id));
    known = undefined;
    const next = current && decide(current);
    return next === undefined || next === current ? next : store.runs.save(next, clock.now());
  });
}
