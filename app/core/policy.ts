/** Intervals and limits: the same code is fast on a laptop and economical on AWS. */
export interface Policy {
  /** The interval between two checks of a task without events, in seconds. */
  readonly observeEverySeconds: number;
  /** How often a waiting run checks the queue, in seconds; a grant wakes it immediately. */
  readonly waitCheckSeconds: number;
  /** A place in the queue expires this many seconds after the last request for it. */
  readonly ticketSeconds: number;
  /** The interval between two checks of a hold, in seconds: an unexplained hold is released by then. */
  readonly holdCheckSeconds: number;
  /** A task that has not started after this many seconds never will. */
  readonly startLimitSeconds: number;
  /** The time for fetching, reporting and uploading in addition to the run's time limit, in seconds. */
  readonly overheadSeconds: number;
  /** How long a task may be unknown to the executor before it counts as lost, in seconds. */
  readonly missingGraceSeconds: number;
  /**
   * How long a process may take to finish what it started before another one takes over, in seconds: handling an event,
   * creating a check run or a teardown. With a single process, one that does not finish it soon has died.
   */
  readonly followUpSeconds: number;
  /** The interval between two checks of an open branch with unfinished runs or a stack, in seconds. */
  readonly branchCheckSeconds: number;
  /** How long a stop may take before the run ends without it, in seconds. */
  readonly stopLimitSeconds: number;
  /** The maximum number of launches of a run, including those that the infrastructure ended. */
  readonly maxLaunches: number;
  /** How long the URLs in a job are valid, in seconds. */
  readonly grantSeconds: number;
  readonly maxArtifactBytes: number;
  /** Size limit of an archive with cached files. */
  readonly maxCacheBytes: number;
  /** The number of days after which a saved cache is deleted. */
  readonly cacheDays: number;
  /** The log of a run ends there. If omitted, there is no limit. */
  readonly maxLogBytes?: number;
  /** Whether names of hosts may resolve to private addresses. GitHub's own host always may. If omitted, all may. */
  readonly privateHosts?: { readonly allowed: boolean; readonly githubHost: string };
  /** The longest time limit of a run. If omitted, there is no limit but that of each setting. */
  readonly maxRunSeconds?: number;
  /** The budget of all projects together, and the default action of budgets. */
  readonly budget?: { readonly monthlyUsd?: number; readonly action: 'warn' | 'stop' };
  /** Limit of parallel tasks of all projects. If omitted, there is no limit. */
  readonly maxTasks?: number;
  /** Limits of the parallel tasks of a project that sets none itself. */
  readonly projectTasks?: number;
  readonly projectVcpus?: number;
  /** CPU units of all tasks together, 1024 to a vCPU. If the account's quota is known and smaller, it applies. */
  readonly maxTaskCpuUnits?: number;
  /** The name of the executor, if it cannot run services. If omitted, it can. */
  readonly withoutServices?: string;
  /** The interval between two searches for resources that are no longer needed, in seconds. */
  readonly maintenanceSeconds: number;
  /** The disk limit of a run whose suite sets none. If omitted, the platform limits the disk of each task. */
  readonly diskGib?: number;
}

const daySeconds = 24 * 3600;
/** Leaves time for the sweep and for the call itself within the minute in which a check must recover. */
const mostSeconds = 40;

/**
 * How long to wait before Berth retries a request that GitHub refused or did not answer: at most 40 seconds for a day, so
 * that Berth recovers from an outage within a minute; after that, rarely but indefinitely.
 *
 * @param attempts the number of failed attempts.
 */
export function retryWaitSeconds(attempts: number): number {
  if (attempts < daySeconds / mostSeconds) return Math.min(mostSeconds, 5 * 2 ** Math.min(attempts, 10));
  return attempts < (2 * daySeconds) / mostSeconds ? 600 : 3600;
}
