import type { Deps } from '../deps.ts';
import { later } from '../deps.ts';
import { LostRace } from '../model/errors.ts';
import type { RunId } from '../model/ids.ts';
import type { GithubTarget, Run } from '../model/run.ts';

/** After this many failures in a row GitHub is given up on for this run: its outcome stands all the same. */
const maxAttempts = 12;

/**
 * Makes the check run show what the run is, where it has one. A failure to reach GitHub never fails the run: it is
 * tried again later.
 *
 * @returns `changed` where the run was written, so that the caller reads it again.
 */
export async function publishRun(deps: Deps, run: Run): Promise<'changed' | 'unchanged'> {
  const { github } = run;
  if (github === undefined || !isDue(deps, run)) return 'unchanged';
  if (github.checkRunId === undefined && github.published === undefined)
    return publishFirst(deps, run, github);
  return show(deps, run, github);
}

/** The first time a check run is made, which two must not do at once: who loses the claim leaves it to the other. */
async function publishFirst(deps: Deps, run: Run, github: GithubTarget): Promise<'changed' | 'unchanged'> {
  const now = deps.clock.now();
  if (github.claimedUntil !== undefined && github.claimedUntil > now) return 'unchanged';
  const claimed = { ...github, claimedUntil: later(now, deps.policy.followUpSeconds) };
  const saved = await deps.store.runs.save({ ...run, github: claimed }, now);
  return show(deps, saved, claimed);
}

async function show(deps: Deps, run: Run, github: GithubTarget): Promise<'changed' | 'unchanged'> {
  const { target, retryAt } = await attempt(deps, run, github);
  const { attempts = 0, retryAt: _, claimedUntil: __, ...told } = target;
  const isTold =
    retryAt === undefined &&
    told.checkRunId === github.checkRunId &&
    told.published === github.published &&
    github.attempts === undefined &&
    github.claimedUntil === undefined;
  if (isTold) return 'unchanged';
  const next = retryAt === undefined ? told : { ...told, attempts: attempts + 1, retryAt };
  try {
    await deps.store.runs.save({ ...run, github: next }, deps.clock.now());
  } catch (error) {
    if (error instanceof LostRace) await republishLatest(deps, run.id, told);
    throw error;
  }
  return 'changed';
}

/** Far more than anybody moves a run on in the time of one call. */
const maxTellings = 5;

/**
 * The run moved on while it was told of, and what was told last may be the older. What it is by now is told once more,
 * whatever is remembered of what was told.
 */
async function republishLatest(deps: Deps, id: RunId, told: GithubTarget): Promise<void> {
  for (let tellings = 0; tellings < maxTellings; tellings += 1) {
    const latest = await deps.store.runs.get(id);
    const checkRunId = latest?.github?.checkRunId ?? told.checkRunId;
    if (latest?.github === undefined || checkRunId === undefined) return;
    const { published: _, claimedUntil: __, ...target } = latest.github;
    const { target: next, retryAt } = await attempt(deps, latest, { ...target, checkRunId });
    const again = retryAt === undefined ? {} : { attempts: (target.attempts ?? 0) + 1, retryAt };
    try {
      await deps.store.runs.save({ ...latest, github: { ...next, ...again } }, deps.clock.now());
      return;
    } catch (error) {
      if (!(error instanceof LostRace)) throw error;
    }
  }
}

/** When the check run has to be looked at again; undefined where it says all there is to say. */
export function publishAgainAt({ github }: Run): Date | undefined {
  if ((github?.attempts ?? 0) >= maxAttempts) return undefined;
  return github?.retryAt ?? github?.claimedUntil;
}

function isDue(deps: Deps, run: Run): boolean {
  const { attempts = 0, retryAt } = run.github ?? {};
  return attempts < maxAttempts && (retryAt === undefined || retryAt <= deps.clock.now());
}

async function attempt(
  deps: Deps,
  run: Run,
  target: NonNullable<Run['github']>,
): ReturnType<Deps['checks']['publish']> {
  try {
    return await deps.checks.publish(run, target);
  } catch (error) {
    deps.log.warn({ runId: run.id, err: error }, 'the check run could not be written; trying again later');
    const seconds = Math.min(300, 5 * 2 ** (target.attempts ?? 0));
    return { target, retryAt: later(deps.clock.now(), seconds) };
  }
}
