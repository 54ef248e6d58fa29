/** How patient Berth is; the same code is quick on a laptop and frugal on AWS. */
export interface Policy {
  /** Between two looks at a task that says nothing by itself, in seconds. */
  readonly observeEverySeconds: number;
  /** How often a waiting run checks the queue, in seconds; a grant wakes it immediately. */
  readonly waitCheckSeconds: number;
  /** A place in the queue expires this many seconds after the last request for it. */
  readonly ticketSeconds: number;
  /** Between two looks at a hold, in seconds: one that nothing explains any more is released by then. */
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
  /** Between two looks at a branch that is open and has unfinished runs or a stack, in seconds. */
  readonly branchCheckSeconds: number;
  /** How long a stop may take before the run ends without it, in seconds. */
  readonly stopLimitSeconds: number;
  /** Launches of one run, counting those that the infrastructure ended. */
  readonly maxLaunches: number;
  /** How long the URLs in a job can be used, in seconds. */
  readonly grantSeconds: number;
  readonly maxArtifactBytes: number;
  /** Size limit of an archive with cached files. */
  readonly maxCacheBytes: number;
  /** Caches are deleted so many days after they were saved. */
  readonly cacheDays: number;
  /** The log of a run ends there. If omitted, there is no limit. */
  readonly maxLogBytes?: number;
  /** Whether names of hosts may resolve to private addresses. GitHub's own host always may. If omitted, all may. */
  readonly privateHosts?: { readonly allowed: boolean; readonly githubHost: string };
  /** The longest time limit of a run. If omitted, there is no limit but that of each setting. */
  readonly maxRunSeconds?: number;
  /** The budget of all projects together, and what happens where a budget of a project does not say so. */
  readonly budget?: { readonly monthlyUsd?: number; readonly action: 'warn' | 'stop' };
  /** Limit of parallel tasks of all projects. If omitted, there is no limit. */
  readonly maxTasks?: number;
  /** Limits of the parallel tasks of a project that sets none itself. */
  readonly projectTasks?: number;
  readonly projectVcpus?: number;
  /** CPU units of all tasks together, 1024 to a vCPU; where the account's quota is known and smaller, that counts. */
  readonly maxTaskCpuUnits?: number;
  /** The name of the executor, if it cannot run services. If omitted, it can. */
  readonly withoutServices?: string;
  /** The interval between two searches for resources that are no longer needed, in seconds. */
  readonly maintenanceSeconds: number;
  /** The disk limit of a run whose suite sets none. If omitted, the platform limits the disk of each task. */
  readonly diskGib?: number;
}
