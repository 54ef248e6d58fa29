import type { Deps } from '../deps.ts';
import type { Branch } from '../model/branch.ts';
import { isActive, type Run } from '../model/run.ts';
import type { GithubProject } from '../projects/github-project.ts';
import { latestRuns } from '../runs/latest-runs.ts';
import { type PublishDeps, publishSettled } from '../runs/publish-run.ts';
import { branchOfRun, isOfBranch } from './branch-of.ts';

export type RenewDeps = PublishDeps & Pick<Deps, 'enqueue'>;

/**
 * GitHub shows the newest check run of each name. Where that belongs to a branch that has left the commit, the check run
 * of this branch is made again. It also shows what an earlier version gave up to show.
 */
export async function renewChecks(
  deps: RenewDeps,
  project: GithubProject,
  branch: Branch,
  runs: readonly Run[],
): Promise<void> {
  if (branch.head === undefined) return;
  const newest = await deps.store.branches.newestChecks(project.id, branch.head);
  for (const run of runs) {
    const check = newest.get(run.spec.suite);
    const shown = check === undefined ? undefined : await deps.store.runs.get(check.runId);
    if (shown !== undefined && !(await isWanted(deps, project, branch, shown))) {
      const latest = await latestRuns(deps, project, branch.head, (one) => isOfBranch(one, branch, project));
      await renew(deps, latest.get(run.spec.suite) ?? run);
    } else if (run.settledAt !== undefined && run.github?.checkRunId === undefined && !isActive(run)) {
      await publishSettled(deps, run);
    }
  }
}

async function isWanted(
  deps: Pick<Deps, 'store'>,
  project: GithubProject,
  branch: Branch,
  shown: Run,
): Promise<boolean> {
  if (isOfBranch(shown, branch, project)) return true;
  const other = await branchOfRun(deps, project, shown);
  return other?.isOpen === true && other.head === shown.sha;
}

/** Has the check run of a run made again, so that it is the newest. */
async function renew(deps: RenewDeps, run: Run): Promise<void> {
  const { github } = run;
  if (github === undefined) return;
  const { checkRunId, published: _, claimedUntil: __, shown: ___, ...target } = github;
  // One that shows an active run would keep showing it permanently.
  const isOpen = checkRunId !== undefined && isActive(run);
  const replaced = isOpen ? [...(github.replaced ?? []), checkRunId] : github.replaced;
  const now = deps.clock.now();
  const renewed = { ...run, github: replaced === undefined ? target : { ...target, replaced } };
  if (run.settledAt !== undefined) return void (await publishSettled(deps, renewed));
  await deps.store.runs.save({ ...renewed, dueAt: now }, now);
  await deps.enqueue(run.id);
}
