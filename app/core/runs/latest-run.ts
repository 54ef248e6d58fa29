import type { Store } from '../../ports/store.ts';
import type { RunId } from '../model/ids.ts';
import type { Run } from '../model/run.ts';

/** Far more often than one suite or deployment of a commit is run again. */
const maxRuns = 1_000;

/**
 * Follows the runs that replace a run to the latest.
 *
 * @param nextOf returns the run that replaces one.
 */
export async function latestRun(
  { runs }: Pick<Store, 'runs'>,
  first: Run,
  nextOf: (run: Run) => RunId | undefined,
): Promise<Run> {
  let latest = first;
  for (let count = 0; count < maxRuns; count += 1) {
    const id = nextOf(latest);
    const next = id === undefined ? undefined : await runs.get(id);
    if (next === undefined) break;
    latest = next;
  }
  return latest;
}
