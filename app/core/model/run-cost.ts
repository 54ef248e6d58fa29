import { type Month, monthOf } from '../../lib/month.ts';
import { omitUndefined } from '../../lib/omit-undefined.ts';
import { estimateRunCost } from './cost.ts';
import type { ProjectId, RunId } from './ids.ts';
import type { Run } from './run.ts';

/**
 * Estimates the cost of a run's task from the time of its request: AWS charges from the image pull, a
 * difference too small for a second time stamp. Tasks that the infrastructure ended before it are
 * counted by `earlierCostUsd` of the run.
 *
 * @returns US dollars; undefined if nothing is charged, or the prices are not known.
 */
export function costOfRun({ taskStatus, startedAt }: Run, end: Date): number | undefined {
  const begin = taskStatus?.createdAt ?? startedAt;
  if (taskStatus?.resources === undefined || begin === undefined) return undefined;
  const seconds = Math.max(0, (end.getTime() - begin.getTime()) / 1000);
  return estimateRunCost(taskStatus.resources, seconds);
}

/** The cost of a finished run: the totals of its project add these up. */
export interface RunCost {
  readonly projectId: ProjectId;
  readonly runId: RunId;
  /** The month in which it ended. */
  readonly month: Month;
  /** If omitted, it was charged in a region with unknown prices. */
  readonly costUsd?: number;
}

/**
 * Computed only from stored facts that no longer change, so that recording it twice has the same result.
 *
 * @returns undefined if the run has not ended, or nothing was charged for it.
 */
export function runCostOf({ id, projectId, finishedAt, outcome, taskStatus }: Run): RunCost | undefined {
  if (finishedAt === undefined) return undefined;
  const costUsd = outcome?.costUsd;
  if (costUsd === undefined && taskStatus?.resources === undefined) return undefined;
  const month = monthOf(finishedAt);
  return omitUndefined({ projectId, runId: id, month, costUsd });
}

export interface CostTotal {
  /** The number of runs that were charged for. */
  readonly runs: number;
  readonly costUsd: number;
  /** Runs that `costUsd` does not include, because the prices of their region are not known. */
  readonly unpricedRuns: number;
}

export function totalCost(costs: readonly RunCost[]): CostTotal {
  return {
    runs: costs.length,
    costUsd: costs.reduce((sum, { costUsd = 0 }) => sum + costUsd, 0),
    unpricedRuns: costs.filter(({ costUsd }) => costUsd === undefined).length,
  };
}
