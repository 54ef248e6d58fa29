import { later } from '../../lib/later.ts';
import type { ListedTask } from '../../ports/executor.ts';
import type { Deps } from '../deps.ts';
import { isActive } from '../model/run.ts';

export type OrphanDeps = Pick<Deps, 'store' | 'executor' | 'clock' | 'log' | 'policy'>;

/** Each search repeats a mark; it expires after a few searches without it. */
const markSearches = 4;

type Counts = { marked: number; stopped: number; removed: number };

/**
 * Compares what exists on the executor with what should: stops tasks that no active run has, and removes what stopped
 * ones left behind. It takes two searches, so that no task is stopped because of one outdated read.
 * A task that a person marked as kept is not touched.
 *
 * Whether a task is an orphan never depends on the mark: the end of a run is final, so an orphan stays one.
 *
 * @returns how many were found for the first time, requested to stop, and removed.
 */
export async function stopOrphans(deps: OrphanDeps): Promise<Counts> {
  const counts: Counts = { marked: 0, stopped: 0, removed: 0 };
  for (const listed of await deps.executor.listTasks()) {
    try {
      if (listed.keep || (await isWanted(deps, listed))) continue;
      counts[await markOrEnd(deps, listed)] += 1;
    } catch (error) {
      // A task that cannot be checked must not stop the search; the next search finds it again.
      deps.log.error(
        { task: listed.task.arn, runId: listed.runId, err: error },
        'an orphan could not be stopped',
      );
    }
  }
  return counts;
}

/** A run that is being launched may have a task that is not recorded yet. */
async function isWanted({ store }: OrphanDeps, { runId, task }: ListedTask): Promise<boolean> {
  const run = await store.runs.get(runId);
  return run !== undefined && isActive(run) && (run.task === undefined || run.task.arn === task.arn);
}

async function markOrEnd(deps: OrphanDeps, { task, runId, isStopped }: ListedTask): Promise<keyof Counts> {
  const now = deps.clock.now();
  const { maintenanceSeconds } = deps.policy;
  const forgetAt = later(now, markSearches * maintenanceSeconds);
  const since = await deps.store.maintenance.markOrphan(task.arn, now, forgetAt);
  // Two parallel searches count as one: the second step needs a later search.
  if (now < later(since, maintenanceSeconds / 2)) return 'marked';
  if (isStopped) {
    await deps.executor.remove(task);
    return 'removed';
  }
  deps.log.warn({ task: task.arn, runId }, 'a task without an active run is stopped');
  await deps.executor.stop(task, 'No active run of Berth has this task.');
  return 'stopped';
}
