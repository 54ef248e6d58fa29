import { later } from '../../lib/later.ts';
import { omitUndefined } from '../../lib/omit-undefined.ts';
import type { GithubDeps, StoreClockDeps } from '../deps.ts';
import { type Branch, isMergeGroup, queueTarget } from '../model/branch.ts';
import { TryLater } from '../model/errors.ts';
import type { RunId } from '../model/ids.ts';
import {
  type GithubTarget,
  isRefused,
  isUnwanted,
  type NeededRun,
  type Run,
  type Trigger,
} from '../model/run.ts';
import { type GithubProject, wasUpgraded } from '../projects/github-project.ts';
import { changeRun } from '../runs/cancel-run.ts';
import type { KnownRun } from '../runs/known-run.ts';
import { havePassed } from '../runs/needed-suites.ts';
import { findNewest } from '../runs/run-pages.ts';
import {
  type ActiveRuns,
  isPassing,
  type StartDeps,
  type StartRequest,
  startRun,
} from '../runs/start-run.ts';
import { latestDeploy } from '../stacks/needed-deploys.ts';
import { isOfBranch, isOfSameBranch } from './branch-of.ts';
import type { WantedRun } from './wanted-runs.ts';

export interface HeadCommit {
  readonly active: ActiveRuns;
  /** The record of the branch's holder, if it has no stack. */
  readonly holder?: KnownRun['holder'];
  /** The end of its runs creates the record of the pull request's comment. */
  readonly newComment?: true;
  /** This look is the first at the commit in this epoch of the branch, so that it most likely has no runs. */
  readonly isNew: boolean;
  readonly project: GithubProject;
  readonly branch: Branch;
  readonly sha: string;
  readonly idOf: (suite: string, generation: number) => Promise<RunId>;
}

/** Limits the runs of a pull request that is closed, drafted and retargeted again and again. */
const maxGenerations = 200;
const dayMilliseconds = 24 * 3_600_000;

/** The run of a suite for the head commit, or the ID of the run to create. */
export type FoundRun =
  | { readonly kind: 'there'; readonly run: Run }
  | { readonly kind: 'missing'; readonly id: RunId };

/** Finds the run of a suite for the head commit: the existing one, unless it is no longer valid. */
export async function findRun(
  deps: Pick<GithubDeps, 'store' | 'clock' | 'ids'>,
  commit: HeadCommit,
  wanted: WantedRun,
): Promise<FoundRun> {
  const { branch } = commit;
  let latest = branch.epoch === 1 ? await oldRun(deps, commit, wanted.suite) : undefined;
  if (latest !== undefined && !(await isWantedAgain(deps, latest, branch, wanted)))
    return { kind: 'there', run: latest };
  for (let generation = 1; generation <= maxGenerations; generation += 1) {
    const id = await commit.idOf(wanted.suite, generation);
    const known = await deps.store.runs.get(id);
    if (known === undefined) return { kind: 'missing', id };
    latest = known;
    if (!(await isWantedAgain(deps, known, branch, wanted))) break;
  }
  if (latest === undefined) throw new Error(`no run of ${wanted.suite} for ${commit.sha}`);
  return { kind: 'there', run: latest };
}

/** The runs that a run needs: those of the deployments, and those of suites. */
interface Needed {
  readonly deploys: readonly NeededRun[];
  readonly needs: readonly NeededRun[];
}

/**
 * The run of a suite for a commit that most likely has none. It is not read: its creation is conditional, and returns the
 * run that exists.
 */
export async function unreadRun(commit: HeadCommit, { suite }: WantedRun): Promise<FoundRun> {
  return { kind: 'missing', id: await commit.idOf(suite, 1) };
}

/** Makes sure that the run of a suite for the head commit exists. */
export async function ensureRun(
  deps: StartDeps & Pick<GithubDeps, 'ids'>,
  commit: HeadCommit,
  wanted: WantedRun,
  { found, deploys, needs }: { readonly found: FoundRun } & Needed,
): Promise<Run> {
  if (found.kind === 'there') return noteTarget(deps, found.run, targetOf(commit));
  const { run, created } = await start(deps, commit, { wanted, id: found.id, deploys, needs });
  if (created) return run;
  // It may have ended without a valid result, for example because the branch had left the commit.
  const again = await findRun(deps, commit, wanted);
  if (again.kind === 'there') return noteTarget(deps, again.run, targetOf(commit));
  return (await start(deps, commit, { wanted, id: again.id, deploys, needs })).run;
}

async function isWantedAgain(
  deps: Pick<GithubDeps, 'store' | 'clock' | 'ids'>,
  run: Run,
  branch: Branch,
  wanted: WantedRun,
): Promise<boolean> {
  // After the approval, a suite that does not apply to the change shows that, and not the refusal.
  if (isRefused(run)) return wanted.ended?.outcome.errorCode !== 'not_approved';
  if (run.state === 'skipped' && run.deployed === undefined) return wanted.ended === undefined;
  if (isUnwanted(run)) return true;
  // A person canceled it when the branch was at this commit before.
  if (run.cancel !== undefined && run.cancel.at < branch.headSince) return true;
  return endedWithoutPull(run, branch) || (await isNeedMetSince(deps, run));
}

/** The deployment or suite that was missing was repeated since, and no person asked for another run of the suite. */
async function isNeedMetSince(deps: Pick<GithubDeps, 'store' | 'clock' | 'ids'>, run: Run): Promise<boolean> {
  const { spec, outcome, finishedAt, cancel, sha } = run;
  const isMissing = ['deploy_failed', 'needed_suite_failed'].includes(outcome?.errorCode ?? '');
  if (!isMissing || finishedAt === undefined || cancel !== undefined || !(await havePassed(deps, run)))
    return false;
  for (const needed of spec.deploys ?? []) {
    const deploy = await latestDeploy(deps, needed, spec.stack?.holder);
    if (deploy?.deployed === undefined) return false;
  }
  const filter = omitUndefined({ sha, suite: spec.suite, since: finishedAt });
  const isRepeat = (one: Run): boolean => one.retryOf !== undefined && isOfSameBranch(one, run);
  return (await findNewest(deps.store, run.projectId, filter, isRepeat)) === undefined;
}

/** The stack of a run that ended before the pull request was opened was released: the pull request needs one. */
function endedWithoutPull({ spec, finishedAt, ...run }: Run, { pullsSince }: Branch): boolean {
  const usesStack = spec.stack?.hold === 'branch' && run.held !== undefined;
  return usesStack && finishedAt !== undefined && pullsSince !== undefined && finishedAt <= pullsSince;
}

/** The run that version 0.1.0 made for the commit, if it belongs to this branch. Its ID can no longer be derived. */
async function oldRun(
  { store, clock }: StoreClockDeps,
  { project, branch, sha }: HeadCommit,
  suite: string,
): Promise<Run | undefined> {
  const now = clock.now();
  const isRecent = now.getTime() - (project.poolAppliedAt ?? now).getTime() < 30 * dayMilliseconds;
  if (!wasUpgraded(project, now) || !isRecent) return undefined;
  const isOld = (run: Run): boolean =>
    run.github?.headRepositoryId === undefined && isOfBranch(run, branch, project);
  return findNewest(store, project.id, { sha, suite }, isOld);
}

async function start(
  deps: StartDeps,
  commit: HeadCommit,
  { wanted, id, deploys, needs }: { wanted: WantedRun; id: RunId } & Needed,
): Promise<{ run: Run; created: boolean }> {
  const { project, sha, active, holder } = commit;
  const request = {
    project,
    id,
    spec: wanted.specFor(id, deploys, needs),
    trigger: triggerOf(commit),
    sha,
    github: targetOf(commit),
    // A deployment is looked for on the stack that the holder has then.
    seen: omitUndefined({
      isMissing: true as const,
      active,
      holder: deploys.length > 0 ? undefined : holder,
    }),
  };
  return startOrWait(deps, omitUndefined({ ...request, ended: wanted.ended }));
}

/**
 * Starts a run of a branch. The branch stays due if it cannot start now: no commit goes untested because many were pushed.
 *
 * @throws TryLater if the reason is temporary.
 */
export async function startOrWait(
  deps: StartDeps,
  request: StartRequest,
): Promise<{ run: Run; created: boolean }> {
  try {
    return await startRun(deps, request);
  } catch (error) {
    if (!isPassing(error)) throw error;
    throw new TryLater(later(deps.clock.now(), 15), error.message, { cause: error });
  }
}

function triggerOf({ branch, sha }: HeadCommit): Trigger {
  const { approved, isTrusted, trigger } = branch;
  if (!isTrusted && approved?.sha === sha) return { kind: 'comment', actor: approved.by };
  // Its branch is pushed like any other.
  return isMergeGroup(branch) ? { ...trigger, kind: 'merge_group' } : trigger;
}

/** Where on GitHub a run of the head commit of a branch is shown. */
export function targetOf({
  project,
  branch,
  sha,
  newComment,
}: Pick<HeadCommit, 'project' | 'branch' | 'sha' | 'newComment'>): GithubTarget {
  const { installationId, repositoryId, owner, name } = project.github;
  const [pull] = branch.pulls;
  return omitUndefined({
    repositoryId,
    installationId,
    owner,
    repo: name,
    headSha: sha,
    headRepositoryId: branch.repositoryId,
    pullRequest: pull?.number,
    newComment,
    baseBranch: isMergeGroup(branch) ? queueTarget(branch.name) : pull?.baseBranch,
  });
}

/** Notes the pull request that was opened, or retargeted, after the run was made. */
async function noteTarget(
  deps: StoreClockDeps,
  run: Run,
  { pullRequest, baseBranch }: GithubTarget,
): Promise<Run> {
  const noted = await changeRun(deps, run, (latest) => {
    const { github } = latest;
    const isNoted = github?.baseBranch === baseBranch && github?.pullRequest === pullRequest;
    if (baseBranch === undefined || github === undefined || isNoted) return latest;
    return { ...latest, github: omitUndefined({ ...github, pullRequest, baseBranch }) };
  });
  return noted ?? run;
}
