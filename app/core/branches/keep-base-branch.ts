import { LostRace } from '../model/errors.ts';
import type { Run } from '../model/run.ts';
import type { GithubDeps } from './github-deps.ts';

/** Far more than a run moves on meanwhile. */
const maxTries = 5;

/**
 * Writes down where a commit is to be merged that was tested before anybody said so: most pull requests are opened
 * for a branch that was pushed a while ago, and some are pointed at another base branch later.
 *
 * A run that moves on all the while goes without: it is then compared with the default branch.
 */
export async function keepBaseBranch(
  { store, clock }: Pick<GithubDeps, 'store' | 'clock'>,
  run: Run,
  baseBranch: string | undefined,
): Promise<Run> {
  let latest = run;
  for (let tries = 0; tries < maxTries; tries += 1) {
    const { github } = latest;
    if (baseBranch === undefined || github === undefined || github.baseBranch === baseBranch) return latest;
    try {
      return await store.runs.save({ ...latest, github: { ...github, baseBranch } }, clock.now());
    } catch (error) {
      if (!(error instanceof LostRace)) throw error;
      latest = (await store.runs.get(run.id)) ?? latest;
    }
  }
  return latest;
}
