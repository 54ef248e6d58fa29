import type { Deps } from '../deps.ts';
import { isActive, type Run } from '../model/run.ts';
import type { GithubProject } from '../projects/github-project.ts';
import { cancelRun } from '../runs/cancel-run.ts';

/** Cancels the active runs of a project that fit; what tears a stack down goes on. @returns those cancelled. */
export async function cancelRuns(
  deps: Deps,
  project: GithubProject,
  options: { fits: (run: Run) => boolean; reason: string; by?: string },
): Promise<readonly Run[]> {
  const fitting = (await deps.store.runs.listActive(project.id)).filter(
    (run) => isActive(run) && run.spec.teardownOf === undefined && options.fits(run),
  );
  const by = options.by === undefined ? {} : { by: options.by };
  for (const { id } of fitting) await cancelRun(deps, { id, reason: options.reason, ...by });
  return fitting;
}

/**
 * Cancels what runs for older commits of the same branch or pull request, unless their suites say otherwise.
 *
 * @param isNewest asked once more, after the newest commit's runs were made: whoever was overtaken meanwhile must not
 *   cancel the newer.
 */
export async function cancelSuperseded(
  deps: Deps,
  project: GithubProject,
  options: {
    sha: string;
    keep: ReadonlySet<string>;
    fits: (run: Run) => boolean;
    isNewest: () => Promise<boolean>;
  },
): Promise<void> {
  const { sha, keep, fits } = options;
  const others = (await deps.store.runs.listActive(project.id)).filter(
    (run) =>
      fits(run) &&
      run.spec.teardownOf === undefined &&
      run.sha !== sha &&
      run.github !== undefined &&
      !keep.has(run.spec.suite),
  );
  if (others.length === 0 || !(await options.isNewest())) return;
  const reason = `A newer commit was pushed (${sha.slice(0, 7)}).`;
  for (const { id } of others) await cancelRun(deps, { id, reason });
}
