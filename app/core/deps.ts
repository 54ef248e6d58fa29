import type { Checks } from '../ports/checks.ts';
import type { Clock, Ids } from '../ports/clock.ts';
import type { Disk } from '../ports/disk.ts';
import type { Events } from '../ports/events.ts';
import type { Executor } from '../ports/executor.ts';
import type { Logger } from '../ports/logger.ts';
import type { Logs } from '../ports/logs.ts';
import type { Objects } from '../ports/objects.ts';
import type { Renewals } from '../ports/renewals.ts';
import type { Sources } from '../ports/sources.ts';
import type { Store } from '../ports/store.ts';
import type { TaskQuota } from './limits/task-quota.ts';
import type { RunId } from './model/ids.ts';
import type { Run } from './model/run.ts';

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
  /** Limit of parallel tasks of all projects. If omitted, there is no limit. */
  readonly maxTasks?: number;
  /** CPU units of all tasks together, 1024 to a vCPU; where the account's quota is known and smaller, that counts. */
  readonly maxTaskCpuUnits?: number;
  /** The interval between two searches for resources that are no longer needed, in seconds. */
  readonly maintenanceSeconds: number;
  /** The disk limit of a run whose suite sets none. If omitted, the platform limits the disk of each task. */
  readonly diskGib?: number;
}

export const embeddedPolicy: Policy = {
  observeEverySeconds: 1,
  waitCheckSeconds: 5,
  ticketSeconds: 120,
  holdCheckSeconds: 15,
  startLimitSeconds: 300,
  overheadSeconds: 600,
  missingGraceSeconds: 5,
  followUpSeconds: 3,
  branchCheckSeconds: 45,
  stopLimitSeconds: 60,
  maxLaunches: 3,
  grantSeconds: 12 * 3600,
  maxArtifactBytes: 512 * 1024 * 1024,
  maintenanceSeconds: 30,
  diskGib: 20,
};

/** Where people find things. */
export interface Links {
  /** The run's page on the dashboard. */
  run(id: RunId): string;
  report(id: RunId): string;
  commit(run: Run): string | undefined;
  pullRequest(run: Run): string | undefined;
  checkRun(run: Run): string | undefined;
}

/** Everything that use cases need of the world, put together by the composition root. */
export interface Deps {
  readonly store: Store;
  readonly executor: Executor;
  readonly logs: Logs;
  readonly objects: Objects;
  readonly renewals: Renewals;
  readonly sources: Sources;
  readonly checks: Checks;
  readonly events: Events;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Logger;
  readonly policy: Policy;
  readonly links: Links;
  /** Requests that a run is reconciled soon. The request may be lost: the sweep finds the run too. */
  readonly enqueue: (id: RunId) => void | Promise<void>;
  /** Does work on one key one at a time where that spares races; on another process there is no telling. */
  readonly serialize: <Result>(key: string, work: () => Promise<Result>) => Promise<Result>;
  /** Computes what a run cost so far, in US dollars; undefined if nothing is charged. */
  readonly cost: (run: Run, end: Date) => number | undefined;
  /** If omitted, the disk is not this server's to watch. */
  readonly disk?: Disk;
  /** Absent where there is no account that has one. */
  readonly taskQuota?: TaskQuota;
}

export function later(now: Date, seconds: number): Date {
  return new Date(now.getTime() + seconds * 1000);
}
