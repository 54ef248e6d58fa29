import { estimateRunCost } from './cost.ts';
import type { Run } from './run.ts';

/**
 * An estimate of what the task of a run costs, from the moment that it was asked for: that it is paid for from the pull
 * of its image on makes no difference worth a second time stamp. Tasks that the infrastructure ended before are left out.
 *
 * @returns US dollars; undefined where nothing is charged, or the prices are not known.
 */
export function costOfRun({ taskStatus, startedAt }: Run, end: Date): number | undefined {
  const begin = taskStatus?.createdAt ?? startedAt;
  if (taskStatus?.resources === undefined || begin === undefined) return undefined;
  const seconds = Math.max(0, (end.getTime() - begin.getTime()) / 1000);
  return estimateRunCost(taskStatus.resources, seconds);
}
