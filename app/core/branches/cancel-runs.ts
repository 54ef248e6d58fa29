import { omitUndefined } from '../../lib/omit-undefined.ts';
import type { Deps } from '../deps.ts';
import type { Branch } from '../model/branch.ts';
import type { RunId } from '../model/ids.ts';
import { isActive, type Run } from '../model/run.ts';
import type { GithubProject } from '../projects/github-project.ts';
import { cancelRun } from '../runs/cancel-run.ts';
import { isOfBranch } from './branch-of.ts';

/**
 * Cancels the active runs of a branch that match.
 *
 * @param options.ids the runs to look at. If omitted, all active runs of the project.
 * @param options.confirm called before the first is canceled; nothing is canceled if it throws.
 * @returns the active runs that match.
 */
export async function cancelRunsOfBranch(
  deps: Pick<Deps, 'store' | 'clock' | 'enqueue'>,
  project: GithubProject,
  branch: Branch,
  options: {
    fits: (run: Run) => boolean;
    reason: string;
    by?: string;
    ids?: readonly RunId[];
    confirm?: () => Promise<void>;
  },
): Promise<readonly Run[]> {
  const { runs } = deps.store;
  const active =
    options.ids === undefined ? await runs.listActive(project.id) : await runs.getAll(options.ids);
  const fitting = active.filter(
    (run) => isActive(run) && isOfBranch(run, branch, project) && options.fits(run),
  );
  if (fitting.length > 0) await options.confirm?.();
  for (const { id } of fitting)
    await cancelRun(deps, omitUndefined({ id, reason: options.reason, by: options.by }));
  return fitting;
}
