import type { Executor } from '../../ports/executor.ts';
import { type Deps, later } from '../deps.ts';
import { isActive, type TaskRef } from '../model/run.ts';

type Listed = Awaited<ReturnType<Executor['listTasks']>>[number];
export type OrphanDeps = Pick<Deps, 'store' | 'executor' | 'clock' | 'log' | 'policy'>;

/** A mark is made again in each search; one that a few searches did not make again belongs to the past. */
const searchesAMarkLives = 4;

/**
 * Stops tasks of Berth that no active run knows of: what a crash left behind, or a stop that was never heard. In two
 * steps, in two searches, so that a task is never judged by one look at a world that moves. What is to be kept is
 * neither marked nor stopped.
 *
 * Which tasks are orphans never depends on the mark: a run's end is final, so that one that was an orphan stays one.
 *
 * @returns how many were found for the first time, and how many were told to stop.
 */
export async function stopOrphans(deps: OrphanDeps): Promise<{ marked: number; stopped: number }> {
  const counts = { marked: 0, stopped: 0 };
  for (const listed of await deps.executor.listTasks()) {
    try {
      if (listed.keep || (await isWanted(deps, listed))) continue;
      counts[await markOrStop(deps, listed)] += 1;
    } catch (error) {
      // One that cannot be judged must not keep the others from it; the next search finds it again.
      deps.log.error({ task: listed.task.arn, runId: listed.runId, err: error }, 'an orphan was not stopped');
    }
  }
  return counts;
}

/** A run that is being launched may have a task that it does not know of yet. */
async function isWanted({ store }: OrphanDeps, { runId, task }: Listed): Promise<boolean> {
  const run = await store.runs.get(runId);
  return run !== undefined && isActive(run) && (run.task === undefined || run.task.arn === task.arn);
}

async function markOrStop(deps: OrphanDeps, { task, runId }: Listed): Promise<'marked' | 'stopped'> {
  const now = deps.clock.now();
  const { maintenanceSeconds } = deps.policy;
  const forgetAt = later(now, searchesAMarkLives * maintenanceSeconds);
  const since = await deps.store.maintenance.markOrphan(task.arn, now, forgetAt);
  // Two searches that ran at once are one: the second step wants a look at another time.
  if (now < later(since, maintenanceSeconds / 2)) return 'marked';
  deps.log.warn({ task: task.arn, runId }, 'a task without an active run is stopped');
  await stop(deps, task);
  return 'stopped';
}

function stop({ executor }: OrphanDeps, task: TaskRef): Promise<void> {
  return executor.stop(task, 'No active run of Berth has this task.');
}
