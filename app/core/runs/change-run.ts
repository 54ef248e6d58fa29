import type { Deps } from '../deps.ts';
import { retryLostRace } from '../model/retry-lost-race.ts';
import type { Run } from '../model/run.ts';

/**
 * Changes a run, and decides again while another writer was first.
 *
 * @param seen the last known state of the run.
 * @param decide returns the changed run, or the same object for no change.
 * @returns the run afterwards; undefined if it was deleted.
 */
export async function changeRun(
  { store, clock }: Pick<Deps, 'store' | 'clock'>,
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
