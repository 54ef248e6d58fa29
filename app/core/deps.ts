import type { Checks } from '../ports/checks.ts';
import type { Clock, Ids } from '../ports/clock.ts';
import type { Disk } from '../ports/disk.ts';
import type { Events } from '../ports/events.ts';
import type { Executor } from '../ports/executor.ts';
import type { Github } from '../ports/github.ts';
import type { Links } from '../ports/links.ts';
import type { Logger } from '../ports/logger.ts';
import type { Logs } from '../ports/logs.ts';
import type { Objects } from '../ports/objects.ts';
import type { Renewals } from '../ports/renewals.ts';
import type { RoleSessions } from '../ports/role-sessions.ts';
import type { Differences, Sources } from '../ports/sources.ts';
import type { Store } from '../ports/store.ts';
import type { Budgets } from './limits/budget.ts';
import type { TaskQuota } from './limits/task-quota.ts';
import type { RunId } from './model/ids.ts';
import type { Run } from './model/run.ts';
import type { Policy } from './policy.ts';
import type { KnownRun } from './runs/known-run.ts';

/** The dependencies of use cases, assembled by the composition root. */
export interface Deps {
  readonly store: Store;
  readonly executor: Executor;
  readonly logs: Logs;
  readonly objects: Objects;
  readonly renewals: Renewals;
  readonly sources: Sources;
  readonly differences: Differences;
  readonly checks: Checks;
  readonly events: Events;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Logger;
  readonly policy: Policy;
  readonly links: Links;
  /**
   * Requests that a run is reconciled soon. The request may be lost: the sweep finds the run too.
   *
   * @param known saves reads, if this process reconciles the run immediately.
   */
  readonly enqueue: (id: RunId, known?: KnownRun) => void | Promise<void>;
  /**
   * Serializes work on one key in this process, which avoids races. It does not affect other processes. The work learns
   * whether it has waited for other work.
   */
  readonly serialize: <Result>(key: string, work: (hasWaited: boolean) => Promise<Result>) => Promise<Result>;
  /** Computes what a run cost so far, in US dollars; undefined if nothing is charged. */
  readonly cost: (run: Run, end: Date) => number | undefined;
  /** If omitted, there is no AWS account whose roles runs can use. */
  readonly roles?: RoleSessions;
  /** If omitted, this server does not watch a disk. */
  readonly disk?: Disk;
  /** If omitted, no budget stops runs. */
  readonly budgets?: Budgets;
  /** If omitted, there is no AWS account. */
  readonly taskQuota?: TaskQuota;
}

/** Dependencies of the functions that call GitHub. */
export interface GithubDeps extends Deps {
  readonly github: Github;
  /** Where repositories are cloned from: `https://github.com`, or the address of GitHub Enterprise Server. */
  readonly githubUrl: string;
  /** False if the operator turned comments in pull requests off. */
  readonly pullComments?: boolean | undefined;
}

/** The dependencies of functions that only read or change stored data. */
export type StoreDeps = Pick<Deps, 'store'>;

/** The dependencies of functions that change stored data and note when. */
export type StoreClockDeps = Pick<Deps, 'store' | 'clock'>;
