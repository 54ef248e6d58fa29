import { later } from '../../lib/later.ts';
import { omitUndefined } from '../../lib/omit-undefined.ts';
import type { Branch } from '../model/branch.ts';
import { BerthError, LostRace, TryLater } from '../model/errors.ts';
import type { RunId } from '../model/ids.ts';
import { isQueueBranch, queueTarget } from '../model/merge-queue.ts';
import { type GithubTarget, isUnwanted, type Run, type Trigger } from '../model/run.ts';
import type { GithubProject } from '../projects/github-project.ts';
import type { StartDeps } from '../runs/start-run.ts';
import { startRun } from '../runs/start-run.ts';
import { isOfBranch } from './branch-of.ts';
import type { GithubDeps } from './github-deps.ts';
import type { WantedRun } from './wanted-runs.ts';

/** Why a run cannot begin now, and can later. */
const passing: ReadonlySet<string> = new Set(['too_many_runs', 'storage_full', 'data_dir_missing']);

export interface HeadCommit {
  readonly project: GithubProject;
  readonly branch: Branch;
  readonly sha: string;
  readonly idOf: (suite: string, generation: number) => Promise<RunId>;
}

/** A pull request that is closed, drafted and retargeted again and again still comes to an end. */
const maxGenerations = 200;
const hourMilliseconds = 3_600_000;

/** The run of a suite for the head commit: the one that exists, unless it does not count any more. */
export async function ensureRun(deps: StartDeps, commit: HeadCommit, wanted: WantedRun): Promise<Run> {
  const { branch } = commit;
  let latest = branch.epoch === 1 ? await oldRun(deps, commit, wanted.suite) : undefined;
  if (latest !== undefined && !isWantedAgain(latest, branch, wanted)) return latest;
  for (let generation = 1; generation <= maxGenerations; generation += 1) {
    const id = await commit.idOf(wanted.suite, generation);
    const known = await deps.store.runs.get(id);
    if (known === undefined) return await start(deps, commit, wanted, id);
    latest = known;
    if (!isWantedAgain(known, branch, wanted)) break;
  }
  if (latest === undefined) throw new Error(`no run of ${wanted.suite} for ${commit.sha}`);
  return await noteTarget(deps, latest, targetOf(commit));
}

function isWantedAgain(run: Run, branch: Branch, wanted: WantedRun): boolean {
  if (run.state === 'skipped') return wanted.ended === undefined;
  if (isUnwanted(run)) return true;
  // A person cancelled it when the branch was at this commit before.
  if (run.cancel !== undefined && run.cancel.at < branch.headSince) return true;
  return endedWithoutPull(run, branch);
}

/** The stack of a run that ended before the pull request was opened was released: the pull request needs one. */
function endedWithoutPull({ spec, finishedAt, ...run }: Run, { pullsSince }: Branch): boolean {
  const usesStack = spec.stack?.hold === 'branch' && run.held !== undefined;
  return usesStack && finishedAt !== undefined && pullsSince !== undefined && finishedAt <= pullsSince;
}

/** The run that version 0.1.0 made for the commit, if it belongs to this branch. Its ID cannot be derived any more. */
async function oldRun(
  { store, clock }: Pick<GithubDeps, 'store' | 'clock'>,
  { project, branch, sha }: HeadCommit,
  suite: string,
): Promise<Run | undefined> {
  const { created, poolAppliedAt = created } = project;
  const wasUpgraded = poolAppliedAt.getTime() - created.getTime() > hourMilliseconds;
  const isRecent = clock.now().getTime() - poolAppliedAt.getTime() < 30 * 24 * hourMilliseconds;
  if (!wasUpgraded || !isRecent) return undefined;
  const { items } = await store.runs.list(project.id, { sha, suite }, { limit: 20 });
  return items.find((run) => run.github?.headRepositoryId === undefined && isOfBranch(run, branch, project));
}

async function start(deps: StartDeps, commit: HeadCommit, wanted: WantedRun, id: RunId): Promise<Run> {
  const { project, sha } = commit;
  try {
    const request = {
      project,
      id,
      spec: wanted.specFor(id),
      trigger: triggerOf(commit),
      sha,
      github: targetOf(commit),
    };
    return (await startRun(deps, omitUndefined({ ...request, ended: wanted.ended }))).run;
  } catch (error) {
    if (!(error instanceof BerthError) || !passing.has(error.code)) throw error;
    // The branch stays due: no commit goes untested because many were pushed.
    throw new TryLater(later(deps.clock.now(), 15), error.message, { cause: error });
  }
}

/** The trigger that a run shows. */
function triggerOf({ branch, sha }: HeadCommit): Trigger {
  const { approved, isTrusted, name, trigger } = branch;
  if (!isTrusted && approved?.sha === sha) return { kind: 'comment', actor: approved.by };
  // Its branch is pushed like any other.
  return isQueueBranch(name) ? { ...trigger, kind: 'merge_group' } : trigger;
}

function targetOf({ project, branch, sha }: HeadCommit): GithubTarget {
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
    baseBranch: isQueueBranch(branch.name) ? queueTarget(branch.name) : pull?.baseBranch,
  });
}

/** Far more than a run changes in the meantime. */
const maxTries = 5;

/** Notes the pull request that was opened, or retargeted, after the run was made. */
async function noteTarget(
  { store, clock }: Pick<GithubDeps, 'store' | 'clock'>,
  run: Run,
  { pullRequest, baseBranch }: GithubTarget,
): Promise<Run> {
  let latest = run;
  for (let tries = 0; tries < maxTries; tries += 1) {
    const { github } = latest;
    const isNoted = github?.baseBranch === baseBranch && github?.pullRequest === pullRequest;
    if (baseBranch === undefined || github === undefined || isNoted) return latest;
    try {
      const noted = omitUndefined({ ...github, pullRequest, baseBranch });
      return await store.runs.save({ ...latest, github: noted }, clock.now());
    } catch (error) {
      if (!(error instanceof LostRace)) throw error;
      latest = (await store.runs.get(run.id)) ?? latest;
    }
  }
  return latest;
}
