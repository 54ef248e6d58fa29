import { type Month, monthOf } from '../../lib/month.ts';
import { omitUndefined } from '../../lib/omit-undefined.ts';
import { estimateRunCost } from './cost.ts';
import type { ProjectId, RunId } from './ids.ts';
import type { Run } from './run.ts';

/**
 * Estimates what the task of a run costs, from the request for it: AWS charges from the pull of its image, a
 * difference too small for a second time stamp. Tasks that the infrastructure ended before it are
 * counted by `earlierCostUsd` of the run.
 *
 * @returns US dollars; undefined where nothing is charged, or the prices are not known.
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
  /** In which it ended. */
  readonly month: Month;
  /** If omitted, it was charged for, in a region whose prices are not known. */
  readonly costUsd?: number;
}

/**
 * Made from nothing but what is stored of a run and does not change any more, so that noting it twice notes the same.
 *
 * @returns undefined where the run has not ended, or nothing was charged for it.
 */
export function runCostOf({ id, projectId, finishedAt, outcome, taskStatus }: Run): RunCost | undefined {
  if (finishedAt === undefined) return undefined;
  const costUsd = outcome?.costUsd;
  if (costUsd === undefined && taskStatus?.resources === undefined) return undefined;
  const month = monthOf(finishedAt);
  return omitUndefined({ projectId, runId: id, month, costUsd });
}

/** The total of several runs. */
export interface CostTotal {
  /** The number of runs that were charged for. */
  readonly runs: number;
  readonly costUsd: number;
  /** Those among them that `costUsd` does not hold, since their region's prices are not known. */
  readonly unpricedRuns: number;
}

export function totalCost(costs: readonly RunCost[]): CostTotal {
  return {
    runs: costs.length,
    costUsd: costs.reduce((sum, { costUsd = 0 }) => sum + costUsd, 0),
    unpricedRuns: costs.filter(({ costUsd }) => costUsd === undefined).length,
  };
}
