import { later } from '../../lib/later.ts';
import type { Deps, StoreClockDeps, StoreDeps } from '../deps.ts';
import { outcomeWithoutResult } from '../model/outcome.ts';
import { hasRetry, isActive, isUnwanted, type NeededRun, type Run } from '../model/run.ts';
import { finish } from '../model/run-transitions.ts';
import { latestRun } from './run-pages.ts';

export type NeededSuites =
  | { readonly kind: 'passed' }
  | { readonly kind: 'waiting'; readonly suite: string }
  /** @property run the run that did not pass. */
  | { readonly kind: 'failed'; readonly run: Run }
  /** Its run will never start. */
  | { readonly kind: 'missing'; readonly suite: string };

/**
 * How long a run waits until a run that it needs is recorded. Both are recorded together, unless the server crashes or a limit
 * refuses the second one; the branch may have another commit after that. An old run may have been deleted.
 */
const recordedWithinSeconds = 3600;

/** Whether a run that this one needs, and that is not recorded, will never be recorded. */
export function isTooLate({ clock }: Pick<Deps, 'clock'>, { createdAt }: Run): boolean {
  return clock.now() > later(createdAt, recordedWithinSeconds);
}

/** Checks the suites that a run needs. A suite that does not run for the change counts as passed. */
export async function checkNeededSuites(deps: StoreClockDeps, needing: Run): Promise<NeededSuites> {
  let waiting: string | undefined;
  for (const needed of needing.spec.needs ?? []) {
    const run = await latestOf(deps, needed);
    // It is recorded shortly after the runs that need it.
    if (run === undefined && isTooLate(deps, needing)) return { kind: 'missing', suite: needed.suite };
    if (run === undefined || isActive(run) || isRetriedSoon(run)) waiting ??= needed.suite;
    else if (run.state !== 'succeeded' && run.state !== 'skipped') return { kind: 'failed', run };
  }
  return waiting === undefined ? { kind: 'passed' } : { kind: 'waiting', suite: waiting };
}

/** Whether every suite that a run needs has passed by now. */
export async function havePassed(deps: StoreClockDeps, run: Run): Promise<boolean> {
  return (await checkNeededSuites(deps, run)).kind === 'passed';
}

export function endWithoutSuite(
  run: Run,
  needed: Extract<NeededSuites, { kind: 'failed' | 'missing' }>,
  now: Date,
): Run {
  // The branch has another commit or is closed, so this run will be canceled too.
  if (needed.kind === 'failed' && isUnwanted(needed.run))
    return finish(run, 'cancelled', outcomeWithoutResult(needed.run.cancel?.reason ?? ''), now);
  const suite = needed.kind === 'failed' ? needed.run.spec.suite : needed.suite;
  const summary = `Not run: this suite needs berth/${suite}, which ${howOf(needed)}. When it passes, this suite runs.`;
  return finish(run, 'errored', outcomeWithoutResult(summary, 'needed_suite_failed'), now);
}

function howOf(needed: Extract<NeededSuites, { kind: 'failed' | 'missing' }>): string {
  if (needed.kind === 'missing') return 'has no run';
  return needed.run.state === 'cancelled' ? 'was canceled' : 'did not pass';
}

/** Enqueues the runs that wait for a suite. */
export async function wakeNeeding(
  deps: Pick<Deps, 'store' | 'enqueue'>,
  { projectId, spec }: Run,
): Promise<void> {
  if (spec.isNeeded !== true) return;
  for (const run of await deps.store.runs.listActive(projectId)) {
    const isWaiting = run.waiting?.reason === 'suite' && run.spec.branch === spec.branch;
    if (isWaiting && run.spec.needs?.some(({ suite }) => suite === spec.suite)) await deps.enqueue(run.id);
  }
}

async function latestOf({ store }: StoreDeps, needed: NeededRun): Promise<Run | undefined> {
  const run = await store.runs.get(needed.runId);
  return run && latestRun(store, run, ({ redeployedBy, retriedBy }) => redeployedBy ?? retriedBy);
}

/** A failed run names the attempt that follows when it is settled. */
function isRetriedSoon(run: Run): boolean {
  return hasRetry(run) && run.settledAt === undefined;
}
