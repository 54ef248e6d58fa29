import type { Deps } from '../deps.ts';
import { LostRace } from '../model/errors.ts';
import type { RunId } from '../model/ids.ts';
import { isActive, type Run, type TaskStatus } from '../model/run.ts';
import { isTerminal } from '../model/run-state.ts';
import { acquireStackForRun } from './acquire-stack-for-run.ts';
import { cachingStore } from './caching-store.ts';
import { launchTask } from './launch-task.ts';
import { publishRun } from './publish-run.ts';
import { done, type ReconcileResult, requeue } from './reconcile-result.ts';
import { settleRun } from './settle-run.ts';
import { watchTask } from './watch-task.ts';

/** Far more than any run needs: a fault in a step must not spin for ever. */
const maxSteps = 50;

/**
 * Compares what is stored of a run with what is so, and takes the next steps until only time or the task can move it
 * on. Anything may call it, at any time, twice at once, after a crash: every step is idempotent, and every write is
 * conditional on the revision that it was decided on. Who loses a race reads again.
 *
 * @param seen statuses of tasks that the caller has just learned, from an event or by describing many at once.
 * @returns the run as it is now; undefined where there is none.
 */
export function reconcileRun(
  deps: Deps,
  id: RunId,
  seen: ReadonlyMap<string, TaskStatus> = new Map(),
): Promise<Run | undefined> {
  return deps.serialize(`run ${id}`, () => reconcile(deps, id, seen));
}

async function reconcile(
  deps: Deps,
  id: RunId,
  seen: ReadonlyMap<string, TaskStatus>,
): Promise<Run | undefined> {
  const sparing = cachingStore(deps.store, id);
  const sparingDeps = { ...deps, store: sparing.store };
  const statuses = new Map(seen);
  for (let steps = 0; steps < maxSteps; steps += 1) {
    const run = await sparing.run();
    if (run === undefined || run.settledAt !== undefined) return run;
    try {
      if (!(await takeStep(sparingDeps, run, statuses)).requeue) return await sparing.run();
    } catch (error) {
      if (!(error instanceof LostRace)) throw error;
    }
  }
  deps.log.error({ runId: id }, 'a run did not come to rest; the sweep will look again');
  return sparing.run();
}

async function takeStep(deps: Deps, run: Run, seen: Map<string, TaskStatus>): Promise<ReconcileResult> {
  // People see first what is: the check is there before any work is, and moves as the run does.
  if ((await publishRun(deps, run)) === 'changed') return requeue;
  if (isTerminal(run.state)) return settleRun(deps, run);
  if (!isActive(run)) return done;
  switch (run.state) {
    case 'queued':
    case 'waiting':
      return acquireStackForRun(deps, run);
    case 'provisioning':
    case 'running':
      return run.task === undefined ? launchTask(deps, run, seen) : watchTask(deps, run, run.task, seen);
  }
}
