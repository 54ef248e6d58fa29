import type { Deps, StoreDeps } from '../deps.ts';
import type { Branch } from '../model/branch.ts';
import { type GithubTarget, isActive, isRefused, isUnwanted, type Run } from '../model/run.ts';
import type { GithubProject } from '../projects/github-project.ts';
import { type PublishDeps, publishSettled } from '../runs/publish-run.ts';
import { latestRuns } from '../runs/run-pages.ts';
import { branchOfRun, isOfBranch } from './branch-of.ts';

export type RenewDeps = PublishDeps & Pick<Deps, 'enqueue'>;

/**
 * GitHub shows the newest check run of each name. Where that shows a run that its branch no longer needs, or an older
 * run of this branch, the check run of this branch is created again. It also publishes what an earlier version gave up on.
 *
 * @param confirm called before each change; nothing is changed if it throws.
 */
export async function renewChecks(
  deps: RenewDeps,
  project: GithubProject,
  branch: Branch,
  runs: readonly Run[],
  confirm: () => Promise<void>,
): Promise<void> {
  // The check run of a run that was just created will be the newest.
  if (branch.head === undefined || runs.every(isNew)) return;
  const newest = await deps.store.branches.newestChecks(project.id, branch.head);
  for (const run of runs) {
    const check = newest.get(run.spec.suite);
    const shown =
      check === undefined || check.runId === run.id ? undefined : await deps.store.runs.get(check.runId);
    const wanted = shown === undefined ? run : await newestOf(deps, project, branch, run);
    if (shown !== undefined && !(await isShownRightly(deps, project, branch, { shown, wanted }))) {
      await confirm();
      await renew(deps, wanted);
    } else if (run.settledAt !== undefined && run.github?.checkRunId === undefined && !isActive(run)) {
      await confirm();
      await publishSettled(deps, run);
    }
  }
}

function isNew({ revision, github }: Run): boolean {
  return revision === 1 && github?.checkRunId === undefined;
}

/** The run that the branch shows: the given one, or a retest of it. */
async function newestOf(deps: StoreDeps, project: GithubProject, branch: Branch, run: Run): Promise<Run> {
  const fits = (one: Run) => isOfBranch(one, branch, project) && !isUnwanted(one);
  const newest = (await latestRuns(deps, project, branch.head ?? '', fits)).get(run.spec.suite);
  const isNewer = newest !== undefined && (newest.createdAt > run.createdAt || newest.retryOf === run.id);
  return isNewer ? newest : run;
}

async function isShownRightly(
  deps: StoreDeps,
  project: GithubProject,
  branch: Branch,
  { shown, wanted }: { shown: Run; wanted: Run },
): Promise<boolean> {
  if (shown.id === wanted.id) return true;
  if (isUnwanted(shown) || isOfBranch(shown, branch, project)) return false;
  // The refusal of a fork says nothing about the commit, which the repository has too.
  if (isRefused(shown) && !isRefused(wanted)) return false;
  const other = await branchOfRun(deps, project, shown);
  return other?.isOpen === true && other.head === shown.sha;
}

/** Creates the check run of a run again, so that it is the newest. */
async function renew(deps: RenewDeps, run: Run): Promise<void> {
  const { github } = run;
  // A check run that does not exist yet will be the newest.
  const isComing = github?.checkRunId === undefined && run.settledAt === undefined;
  if (github === undefined || isComing) return;
  const { checkRunId, published: _, claimedUntil: __, shown: ___, ...target } = github;
  // A check run that is left in progress would never conclude.
  const isOpen = checkRunId !== undefined && !isConcluded(run, github);
  const replaced = isOpen ? [...(github.replaced ?? []), checkRunId] : github.replaced;
  const now = deps.clock.now();
  const renewed = { ...run, github: replaced === undefined ? target : { ...target, replaced } };
  if (run.settledAt !== undefined) return void (await publishSettled(deps, renewed));
  await deps.store.runs.save({ ...renewed, dueAt: now }, now);
  await deps.enqueue(run.id);
}

/** Whether the check run shows the end of the run. The run may have ended while GitHub refused to show that. */
function isConcluded(run: Run, { shown, published, retryAt }: GithubTarget): boolean {
  // Runs of version 0.1.0 have no `shown`.
  if (shown === undefined) return !isActive(run) && published !== undefined && retryAt === undefined;
  return shown.startsWith('completed');
}
