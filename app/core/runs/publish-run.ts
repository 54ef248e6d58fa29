import { later } from '../../lib/later.ts';
import { omitUndefined } from '../../lib/omit-undefined.ts';
import { wakeBranchesAt } from '../branches/wake-branches.ts';
import type { Deps } from '../deps.ts';
import { LostRace, TryLater } from '../model/errors.ts';
import type { RunId } from '../model/ids.ts';
import { type GithubTarget, isRefused, isUnwanted, type Run } from '../model/run.ts';
import { isTerminal } from '../model/run-state.ts';
import { retryWaitSeconds } from '../retry-wait.ts';

export type PublishDeps = Pick<Deps, 'store' | 'checks' | 'clock' | 'log' | 'policy'>;

type Published = 'changed' | 'unchanged';

/**
 * Makes the check run show what the run is, if it has one. A failure to reach GitHub, and a refusal, never fail the run:
 * it is published again later, for as long as that may matter to anyone.
 *
 * @returns `changed` if the run was written, so that the caller reads it again.
 */
export async function publishRun(deps: PublishDeps, run: Run): Promise<Published> {
  const { github } = run;
  if (github === undefined || isNeverShown(run) || !isDue(deps, run)) return 'unchanged';
  if (github.checkRunId === undefined && github.published === undefined)
    return publishFirst(deps, run, github);
  return show(deps, run, github, false);
}

/** A settled run whose check run is missing, or has to be made again. @throws TryLater if it could not be shown. */
export async function publishSettled(deps: PublishDeps, run: Run): Promise<void> {
  const { github } = run;
  if (github === undefined || isNeverShown(run)) return;
  const next = await attempt(deps, run, github, (github.attempts ?? 0) > 0);
  await noteCheck(deps, run, github, next);
  await deps.store.runs.save({ ...run, github: next }, deps.clock.now());
  if (next.retryAt !== undefined) throw new TryLater(next.retryAt, 'a check run could not be shown');
}

/** When the check run has to be looked at again; undefined if it shows all that there is to show. */
export function publishAgainAt(run: Run): Date | undefined {
  if (isNeverShown(run)) return undefined;
  return run.github?.retryAt ?? run.github?.claimedUntil;
}

/**
 * The branch stopped needing the run before its check was created: a check run for it would only hide a current one.
 */
function isNeverShown(run: Run): boolean {
  const { checkRunId, claimedUntil, attempts = 0 } = run.github ?? {};
  return isUnwanted(run) && checkRunId === undefined && claimedUntil === undefined && attempts === 0;
}

function isDue({ clock }: Pick<Deps, 'clock'>, { github }: Run): boolean {
  return github?.retryAt === undefined || github.retryAt <= clock.now();
}

/** GitHub has no conditional creation, so two processes must not create in parallel: one that loses the claim does not. */
async function publishFirst(deps: PublishDeps, run: Run, github: GithubTarget): Promise<Published> {
  const now = deps.clock.now();
  if (github.claimedUntil !== undefined && github.claimedUntil > now) return 'unchanged';
  const mayExist = github.claimedUntil !== undefined || (github.attempts ?? 0) > 0;
  const claimed = { ...github, claimedUntil: later(now, deps.policy.followUpSeconds) };
  const saved = await deps.store.runs.save({ ...run, github: claimed }, now);
  return show(deps, saved, claimed, mayExist);
}

async function show(
  deps: PublishDeps,
  run: Run,
  github: GithubTarget,
  mayExist: boolean,
): Promise<Published> {
  const next = await attempt(deps, run, github, mayExist);
  if (isEqual(next, github)) return 'unchanged';
  await noteCheck(deps, run, github, next);
  // The check run of a branch that ended hides those of other branches at its commit, if it is the newest. Before the
  // write, which says that nothing is left to publish.
  const isConcluded = isTerminal(run.state) && next.retryAt === undefined;
  if (isConcluded && isUnwanted(run)) await wakeBranchesAt(deps, run.projectId, next.headSha);
  try {
    await deps.store.runs.save({ ...run, github: next }, deps.clock.now());
  } catch (error) {
    if (error instanceof LostRace) await republishLatest(deps, run.id, next);
    throw error;
  }
  return 'changed';
}

function isEqual(one: GithubTarget, other: GithubTarget): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

/** Far more than anything moves a run on in the time of one call. */
const maxRepublications = 5;

/**
 * The run changed while it was published, so the published state may be the older one. Publishes the current state
 * again, whatever is remembered.
 */
async function republishLatest(deps: PublishDeps, id: RunId, shown: GithubTarget): Promise<void> {
  for (let count = 0; count < maxRepublications; count += 1) {
    const latest = await deps.store.runs.get(id);
    const checkRunId = latest?.github?.checkRunId ?? shown.checkRunId;
    if (latest?.github === undefined || checkRunId === undefined) return;
    const { published: _, shown: __, ...target } = latest.github;
    const next = await attempt(deps, latest, { ...target, checkRunId }, false);
    try {
      await deps.store.runs.save({ ...latest, github: next }, deps.clock.now());
      return;
    } catch (error) {
      if (!(error instanceof LostRace)) throw error;
    }
  }
}

/** @returns what to remember: that it is shown, or when to try again. */
async function attempt(
  deps: Pick<Deps, 'store' | 'checks' | 'clock' | 'log'>,
  run: Run,
  github: GithubTarget,
  mayExist: boolean,
): Promise<GithubTarget> {
  const { attempts = 0, retryAt: _, claimedUntil: __, ...before } = await addressed(deps, run, github);
  try {
    const { target, retryAt } = await deps.checks.publish(run, before, { mayExist });
    if (retryAt === undefined) return target;
    // A wait that GitHub requests is not a failure; but a creation that may have taken place must be remembered.
    const counted = mayExist ? Math.max(1, attempts) : attempts;
    return omitUndefined({ ...target, retryAt, attempts: counted === 0 ? undefined : counted });
  } catch (error) {
    deps.log.warn({ runId: run.id, attempts, err: error }, 'the check run could not be written');
    return {
      ...before,
      attempts: attempts + 1,
      retryAt: later(deps.clock.now(), retryWaitSeconds(attempts)),
    };
  }
}

/** The repository may have been renamed, or transferred to another installation, since the run began. */
async function addressed(
  { store }: Pick<Deps, 'store'>,
  { projectId }: Run,
  target: GithubTarget,
): Promise<GithubTarget> {
  const github = (await store.projects.get(projectId))?.github;
  if (github === undefined || github.repositoryId !== target.repositoryId) return target;
  return { ...target, installationId: github.installationId, owner: github.owner, repo: github.name };
}

/**
 * Remembers a new check run. If it hides the check run of a newer run, or is hidden by another one, the branches at the
 * commit are looked at: one of them may have to show its own again.
 */
async function noteCheck(
  deps: Pick<Deps, 'store' | 'clock'>,
  run: Run,
  before: GithubTarget,
  after: GithubTarget,
): Promise<void> {
  const { checkRunId, headSha } = after;
  if (checkRunId === undefined || checkRunId === before.checkRunId) return;
  const { branches } = deps.store;
  const newest = await branches.newestChecks(run.projectId, headSha);
  const other = newest.get(run.spec.suite);
  await branches.noteCheck(run.projectId, headSha, run.spec.suite, { checkRunId, runId: run.id });
  if (other === undefined || other.runId === run.id) return;
  const isWeak = isUnwanted(run) || isRefused(run);
  if (other.checkRunId > checkRunId || isWeak || (await isOlder(deps, run, other.runId)))
    await wakeBranchesAt(deps, run.projectId, headSha);
}

async function isOlder({ store }: Pick<Deps, 'store'>, run: Run, than: RunId): Promise<boolean> {
  const other = await store.runs.get(than);
  return other !== undefined && run.retryOf !== than && run.createdAt <= other.createdAt;
}
