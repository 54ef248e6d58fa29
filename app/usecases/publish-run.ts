import type { Run } from '../domain/run.ts';
import type { Deps } from './deps.ts';
import { later } from './deps.ts';

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
  const now = deps.clock.now();
  const { target, retryAt } = await attempt(deps, run, github);
  if (retryAt !== undefined) {
    const attempts = (github.attempts ?? 0) + 1;
    await deps.store.runs.save({ ...run, github: { ...target, attempts, retryAt } }, now);
    return 'changed';
  }
  const { attempts: _, retryAt: __, ...published } = target;
  if (
    published.checkRunId === github.checkRunId &&
    published.published === github.published &&
    github.attempts === undefined
  ) {
    return 'unchanged';
  }
  await deps.store.runs.save({ ...run, github: published }, now);
  return 'changed';
}

/** True where the check run still has to be told something, now or later. */
export function isUnpublished(run: Run): boolean {
  return run.github?.retryAt !== undefined && (run.github.attempts ?? 0) < maxAttempts;
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
