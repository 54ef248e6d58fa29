import { omitUndefined } from '../../lib/omit-undefined.ts';
import type { Deps } from '../deps.ts';
import { LostRace } from '../model/errors.ts';
import type { RunId } from '../model/ids.ts';
import { isActive, type Run } from '../model/run.ts';
import { isTerminal } from '../model/run-state.ts';
import type { TaskStatus } from '../model/task.ts';
import { type AcquireDeps, acquireStackForRun } from './acquire-stack-for-run.ts';
import { type CachingStore, cachingStore } from './caching-store.ts';
import { done, type Given, type ReconcileResult } from './known-run.ts';
import { type LaunchDeps, launchTask } from './launch-task.ts';
import { type PublishDeps, type PublishPass, publishRun, republishLatest } from './publish-run.ts';
import { type SettleDeps, settleRun } from './settle-run.ts';
import { type WatchDeps, watchTask } from './watch-task.ts';

export interface ReconcileDeps extends AcquireDeps, LaunchDeps, WatchDeps, SettleDeps, PublishDeps {}

/** Far more than any run needs: a bug in a step must not loop forever. */
const maxSteps = 50;

/**
 * Compares the stored state of a run with the observed state, and takes the next steps until it must wait for time or
 * its task. May run at any time, in parallel, and after a crash: every step is idempotent, and every write is
 * conditional on the revision that was read. After a lost race it reads again.
 *
 * @param seen statuses of tasks that the caller already has, from an event or from one call for many tasks.
 * @param given what the caller knows already, and what to read together with the run.
 * @returns the current run; undefined if it does not exist.
 */
export function reconcileRun(
  deps: ReconcileDeps,
  id: RunId,
  seen: ReadonlyMap<string, TaskStatus> = new Map(),
  given: Given = {},
): Promise<Run | undefined> {
  return deps.serialize(`run ${id}`, () => reconcile(deps, id, seen, given));
}

async function reconcile(
  deps: ReconcileDeps,
  id: RunId,
  seen: ReadonlyMap<string, TaskStatus>,
  given: Given,
): Promise<Run | undefined> {
  const started = await noteStarted(deps, id, given);
  const caching = cachingStore(deps.store, id, omitUndefined({ ...given, started }));
  const cachingDeps = { ...deps, store: caching.store };
  const { reported } = given;
  const statuses = new Map(reported === undefined ? seen : [...seen, [reported.arn, reported]]);
  const pass: PublishPass = { keep: caching.keep };
  let before: Run | undefined;
  for (let steps = 0; steps < maxSteps; steps += 1) {
    const run = await caching.run();
    if (run === undefined || run.settledAt !== undefined) return run;
    try {
      // Only the write of the intent counts a launch, and the step before was that write.
      const isFirstCall = before !== undefined && before.launches < run.launches;
      before = run;
      const { requeue, isChanged } = await takeStep(cachingDeps, run, { seen: statuses, pass, isFirstCall });
      if (requeue) continue;
      if (isChanged || pass.claim !== undefined) await publishCurrent(cachingDeps, caching, pass);
      await caching.flush(deps.clock.now());
      return await caching.run();
    } catch (error) {
      if (!(error instanceof LostRace)) {
        await publishDespite(cachingDeps, caching, pass.claim !== undefined);
        throw error;
      }
      before = undefined;
      pass.claim = undefined;
      const lost = caching.takeLost();
      if (lost !== undefined) await republishLatest(cachingDeps, id, lost);
    }
  }
  await caching.flush(deps.clock.now());
  deps.log.error({ runId: id }, 'a run needs too many steps; the sweep will continue it');
  return caching.run();
}

/** The usual event that a task runs is recorded without a read of its run. @returns the run, if it was. */
async function noteStarted(
  deps: Pick<Deps, 'store' | 'clock' | 'events'>,
  id: RunId,
  { reported }: Given,
): Promise<Run | undefined> {
  if (reported?.lastStatus !== 'RUNNING') return undefined;
  const run = await deps.store.runs.noteStarted(id, reported, deps.clock.now());
  if (run !== undefined) await deps.events.publish({ type: 'RunStarted', run });
  return run;
}

/** Shows what the last step changed. Another step would request the stack again. */
async function publishCurrent(deps: ReconcileDeps, caching: CachingStore, pass: PublishPass): Promise<void> {
  const run = await caching.run();
  if (run !== undefined && isActive(run))
    await publishRun(deps, run, pass.claim === undefined ? undefined : pass);
}

/** After a failed step: publishes the run anyway, and writes the publication. */
async function publishDespite(deps: ReconcileDeps, caching: CachingStore, isUnshown: boolean): Promise<void> {
  try {
    const run = await caching.run();
    if (isUnshown && run !== undefined) await publishRun(deps, run);
    await caching.flush(deps.clock.now());
  } catch (err) {
    deps.log.warn({ err }, 'the publication of a check run could not be saved');
  }
}

async function takeStep(
  deps: ReconcileDeps,
  stored: Run,
  { seen, pass, isFirstCall }: { seen: Map<string, TaskStatus>; pass: PublishPass; isFirstCall: boolean },
): Promise<ReconcileResult> {
  // Publish first: the check exists before the task, and follows the state of the run.
  const run = await publishRun(deps, stored, pass);
  if (isTerminal(run.state)) return settleRun(deps, run);
  if (!isActive(run)) return done;
  switch (run.state) {
    case 'queued':
    case 'waiting':
      return acquireStackForRun(deps, run);
    case 'provisioning':
    case 'running':
      return run.task === undefined
        ? launchTask(deps, run, seen, isFirstCall)
        : watchTask(deps, run, run.task, seen);
  }
}
