import { omitUndefined } from '../../lib/omit-undefined.ts';
import type { Deps } from '../deps.ts';
import type { Branch } from '../model/branch.ts';
import { isActive, type Run } from '../model/run.ts';
import type { GithubProject } from '../projects/github-project.ts';
import { cancelRun } from '../runs/cancel-run.ts';
import { isOfBranch } from './branch-of.ts';

/** Cancels the active runs of a branch that fit. @returns those that were active and fit. */
export async function cancelRunsOfBranch(
  deps: Pick<Deps, 'store' | 'clock' | 'enqueue'>,
  project: GithubProject,
  branch: Branch,
  options: { fits: (run: Run) => boolean; reason: string; by?: string },
): Promise<readonly Run[]> {
  const active = await deps.store.runs.listActive(project.id);
  const fitting = active.filter(
    (run) => isActive(run) && isOfBranch(run, branch, project) && options.fits(run),
  );
  for (const { id } of fitting)
    await cancelRun(deps, omitUndefined({ id, reason: options.reason, by: options.by }));
  return fitting;
}
