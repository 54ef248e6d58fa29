import { isWaiting, later } from '../../lib/later.ts';
import { omitUndefined } from '../../lib/omit-undefined.ts';
import { wakeBranchesAt } from '../branches/wake-branches.ts';
import type { Deps, StoreClockDeps, StoreDeps } from '../deps.ts';
import { LostRace, TryLater } from '../model/errors.ts';
import type { RunId } from '../model/ids.ts';
import { type GithubTarget, isRefused, isUnwanted, type Run } from '../model/run.ts';
import { isTerminal } from '../model/run-state.ts';
import { retryWaitSeconds } from '../policy.ts';
import { currentTarget } from '../projects/project-of.ts';

export type PublishDeps = Pick<Deps, 'store' | 'checks' | 'clock' | 'log' | 'policy'>;

/** The publications of one pass over a run, which the pass writes together with the other changes of the run. */
export interface PublishPass {
  /** The claim to create the check run, which the pass has made and did not use yet. */
  claim?: { readonly until: Date; readonly mayExist: boolean } | undefined;
  /** Keeps what the run shows, for its next write. */
  readonly keep: (shown: GithubTarget | undefined) => void;
}

/**
 * Updates the check run of a run, if it has one. A failure to reach GitHub, or a refusal, never fails the run:
 * it is published again later, as long as it may matter.
 *
 * @param pass If omitted, what is published is written immediately.
 * @returns the run to continue with.
 */
export async function publishRun(deps: PublishDeps, run: Run, pass?: PublishPass): Promise<Run> {
  const { github } = run;
  if (github === undefined || isNeverShown(run) || !isDue(deps, run)) return run;
  if (github.checkRunId === undefined && github.published === undefined)
    return publishFirst(deps, run, github, pass);
  return show(deps, run, { github, mayExist: false }, pass);
}

interface Showing {
  readonly github: GithubTarget;
  /** Whether an earlier call may have created the check run. */
  readonly mayExist: boolean;
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

/** When to publish again; undefined if the check run is complete. */
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

/** The longest pause between attempts, and how long GitHub's limits last. */
const mostRetrySeconds = 3600;

function isDue({ clock }: Pick<Deps, 'clock'>, { github }: Run): boolean {
  return github?.retryAt === undefined || !isWaiting(github.retryAt, clock.now(), mostRetrySeconds);
}

/** GitHub has no conditional creation, so only the process with the claim creates the check run. */
async function publishFirst(
  deps: PublishDeps,
  run: Run,
  github: GithubTarget,
  pass: PublishPass | undefined,
): Promise<Run> {
  const now = deps.clock.now();
  const own = pass?.claim;
  const isOwn = own !== undefined && github.claimedUntil?.getTime() === own.until.getTime();
  // One that ends soon is made again, so that no other process creates the check run in parallel.
  if (isOwn && own.until > later(now, deps.policy.followUpSeconds / 2))
    return show(deps, run, { github, mayExist: own.mayExist }, pass);
  const { claimedUntil } = github;
  const isClaimed = claimedUntil !== undefined && isWaiting(claimedUntil, now, deps.policy.followUpSeconds);
  if (!isOwn && isClaimed) return run;
  const mayExist = isOwn ? own.mayExist : github.claimedUntil !== undefined || (github.attempts ?? 0) > 0;
  const until = later(now, deps.policy.followUpSeconds);
  const claimed = { ...run, github: { ...github, claimedUntil: until } };
  // Not a second time: with a long queue each acquisition takes longer than the claim, and the check run would never be shown.
  if (pass !== undefined && !isOwn && isAcquiring(run)) {
    // The next step writes the claim together with what it acquires, or the place in the queue.
    pass.claim = { until, mayExist };
    return claimed;
  }
  const saved = await deps.store.runs.save(claimed, now);
  return show(deps, saved, { github: claimed.github, mayExist }, pass);
}

function isAcquiring({ state }: Run): boolean {
  return state === 'queued' || state === 'waiting';
}

async function show(
  deps: PublishDeps,
  run: Run,
  { github, mayExist }: Showing,
  pass: PublishPass | undefined,
): Promise<Run> {
  if (pass !== undefined) pass.claim = undefined;
  const next = await attempt(deps, run, github, mayExist);
  if (isEqual(next, github)) return run;
  await noteCheck(deps, run, github, next);
  // The check run of a branch that ended hides those of other branches at its commit, if it is the newest. Before the
  // write, which says that nothing is left to publish.
  const isConcluded = isTerminal(run.state) && next.retryAt === undefined;
  if (isConcluded && isUnwanted(run)) await wakeBranchesAt(deps, run.projectId, next.headSha);
  const shown = { ...run, github: next };
  // A deployment has no name by which a later pass could find it.
  if (pass !== undefined && isEqual(next.deployment, github.deployment)) {
    pass.keep(next);
    return shown;
  }
  pass?.keep(undefined);
  try {
    return await deps.store.runs.save(shown, deps.clock.now());
  } catch (error) {
    if (error instanceof LostRace) await republishLatest(deps, run.id, next);
    throw error;
  }
}

function isEqual(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

/** Far more often than a run changes during one call. */
const maxRepublications = 5;

/**
 * The run changed while it was published, so the published state may be the older one. Publishes the current state
 * again, regardless of what is stored.
 */
export async function republishLatest(deps: PublishDeps, id: RunId, shown: GithubTarget): Promise<void> {
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

/** @returns what to store: that it is shown, or when to retry. */
async function attempt(
  deps: Pick<Deps, 'store' | 'checks' | 'clock' | 'log'>,
  run: Run,
  github: GithubTarget,
  mayExist: boolean,
): Promise<GithubTarget> {
  const { attempts = 0, retryAt: _, claimedUntil: __, ...before } = github;
  try {
    const { target, retryAt } = await deps.checks.publish(run, before, {
      mayExist,
      addressed: async (target) => currentTarget(await deps.store.projects.get(run.projectId), target),
    });
    if (retryAt === undefined) return target;
    // A wait that GitHub requests is not a failure, but a creation that may have succeeded must be recorded.
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

/**
 * Remembers a new check run. If it hides the check run of a newer run, or is hidden by another one, the branches at the
 * commit are looked at: one of them may have to show its own again.
 */
async function noteCheck(
  deps: StoreClockDeps,
  run: Run,
  before: GithubTarget,
  after: GithubTarget,
): Promise<void> {
  const { checkRunId, headSha } = after;
  if (checkRunId === undefined || checkRunId === before.checkRunId) return;
  const noted = { checkRunId, runId: run.id };
  const other = await deps.store.branches.noteCheck(run.projectId, headSha, run.spec.suite, noted);
  if (other === undefined || (other.runId === run.id && other.checkRunId !== checkRunId)) return;
  // It is not known which one was there before, if it was recorded before.
  const isWeak = isUnwanted(run) || isRefused(run) || other.runId === run.id;
  if (other.checkRunId > checkRunId || isWeak || (await isOlder(deps, run, other.runId)))
    await wakeBranchesAt(deps, run.projectId, headSha);
}

async function isOlder({ store }: StoreDeps, run: Run, than: RunId): Promise<boolean> {
  const other = await store.runs.get(than);
  return other !== undefined && run.retryOf !== than && run.createdAt <= other.createdAt;
}
