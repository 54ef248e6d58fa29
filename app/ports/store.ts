import type { Deployment, PastHold } from '../core/model/hold.ts';
import type { ProjectId, RunId } from '../core/model/ids.ts';
import type { ApiKey, Project } from '../core/model/project.ts';
import type { Run, Trigger } from '../core/model/run.ts';
import type { RunCost } from '../core/model/run-cost.ts';
import type { RunState } from '../core/model/run-state.ts';
import type { Session } from '../core/model/session.ts';
import type { ProjectSlotLimits, SlotClaim, SlotLimits, SlotsView } from '../core/model/slots.ts';
import type { Stack } from '../core/model/stack.ts';
import type { TaskStatus } from '../core/model/task.ts';
import type { Month } from '../lib/month.ts';
import type { BranchStore, PullCommentStore } from './branch-store.ts';
import type { HolderStore, QueueStore, StackStore } from './stack-store.ts';

/**
 * Berth's stored data. Every write that decides something is one conditional write of one item: it either succeeds
 * as a whole, or reports a lost race. `docs/data-model.md` has the keys and the cost of each.
 */
export interface Store {
  readonly projects: ProjectStore;
  readonly stacks: StackStore;
  readonly holders: HolderStore;
  readonly queue: QueueStore;
  readonly branches: BranchStore;
  readonly comments: PullCommentStore;
  readonly runs: RunStore;
  readonly deliveries: DeliveryStore;
  readonly costs: CostStore;
  readonly holds: HoldHistoryStore;
  readonly sessions: SessionStore;
  readonly maintenance: MaintenanceStore;
  readonly slots: SlotStore;
  /** The slots of a concurrency group of a project. */
  readonly slotsOf: (projectId: ProjectId, group: string) => SlotStore;
  /** Creates the table if it does not exist, waits until it is usable, and resolves; for embedded use and tests. */
  prepare(): Promise<void>;
  /** One cheap read. @throws if the store cannot be reached. */
  ping(): Promise<void>;
}

export interface Page<Item> {
  readonly items: readonly Item[];
  /** The opaque cursor of the next page. If omitted, this is the last page. */
  readonly cursor?: string;
}

export interface ProjectStore {
  /** @returns false if the ID is already taken. */
  create(project: Project): Promise<boolean>;
  get(id: ProjectId): Promise<Project | undefined>;
  /**
   * Replaces the project. The stored `modified` always grows: by a millisecond if the one in `to` is not later.
   *
   * @throws LostRace if it changed since `from.modified`, or does not exist.
   */
  replace(from: Project, to: Project): Promise<void>;
  list(cursor?: string): Promise<Page<Project>>;
  /** @returns false if a key with this hash exists. */
  createKey(key: ApiKey): Promise<boolean>;
  findKey(hash: string): Promise<ApiKey | undefined>;
  listKeys(id: ProjectId): Promise<readonly ApiKey[]>;
  /** @returns false if there is no such key. Revoking a key twice is not an error; the first time counts. */
  revokeKey(hash: string, at: Date): Promise<boolean>;
}

export interface RunFilter {
  readonly branch?: string;
  readonly suite?: string;
  readonly states?: readonly RunState[];
  /** A commit, or the beginning of its ID. */
  readonly sha?: string;
  readonly actor?: string;
  readonly pullRequest?: number;
  readonly trigger?: Trigger['kind'];
  /** The stack that the run has or had. */
  readonly stack?: string;
  /** Created before this moment. */
  readonly before?: Date;
  /** Created at this moment or later. */
  readonly since?: Date;
  /** Part of the branch, the suite, the commit, its message or author, the command or the run's ID. */
  readonly text?: string;
}

export interface RunStore {
  /** @returns the stored run: the existing one if the ID is taken. */
  create(run: Run): Promise<{ run: Run; created: boolean }>;
  get(id: RunId): Promise<Run | undefined>;
  /** Returns the runs that exist, in the order of the IDs. Strongly consistent. */
  getAll(ids: readonly RunId[]): Promise<readonly Run[]>;
  /**
   * Writes `run` if its stored revision is still the one in `run`.
   *
   * @returns the run with its new revision.
   * @throws LostRace if the stored revision is a different one.
   */
  save(run: Run, now: Date): Promise<Run>;
  /**
   * Records that the task of a run runs, in one write and without a read, if the run only waits for that task and is not due.
   *
   * @returns the run afterwards; undefined if it was not changed.
   */
  noteStarted(id: RunId, status: TaskStatus, now: Date): Promise<Run | undefined>;
  /** Newest first. */
  list(projectId: ProjectId, filter: RunFilter, page: { limit: number; cursor?: string }): Promise<Page<Run>>;
  /** Runs that have not ended, oldest first. Eventually consistent on AWS: a hint, never a lock. */
  listActive(projectId: ProjectId): Promise<readonly Run[]>;
  /** Lists only their IDs, in one cheap read. */
  listActiveIds(projectId: ProjectId): Promise<readonly RunId[]>;
  /** Settled runs that were created before a moment, the oldest first. */
  listEnded(projectId: ProjectId, before: Date, limit: number): Promise<readonly Run[]>;
  /** When the run at this place of the list was created, the newest at 1. Reads the list up to there: for rare use. */
  createdAtPlace(projectId: ProjectId, place: number): Promise<Date | undefined>;
  /** Deletes a run's record. It is not an error if it does not exist. */
  delete(id: RunId): Promise<void>;
  /** Lists runs of every project that are due at `now` or before, the oldest first. */
  due(now: Date, limit: number): Promise<readonly RunId[]>;
}

export interface DeliveryStore {
  /**
   * Remembers a delivery, once.
   *
   * @returns false if it is already known.
   */
  record(delivery: Delivery): Promise<boolean>;
  get(id: string): Promise<Delivery | undefined>;
  /** Lists deliveries that were accepted and not handled yet: due at `now` or before. */
  due(now: Date, limit: number): Promise<readonly string[]>;
  /** Marks a delivery as handled, and keeps it until `forgetAt` to recognize it. */
  done(id: string, forgetAt: Date): Promise<void>;
  /**
   * Counts an attempt before it is made, so that an attempt that crashes the process counts too.
   *
   * @param dueAt when to try again if the attempt does not report.
   * @returns false if another process began this attempt, or the delivery was handled.
   */
  begin(delivery: Delivery, dueAt: Date): Promise<boolean>;
  /** Schedules the next attempt after a failure. An attempt that GitHub asked to delay does not count. */
  postpone(id: string, dueAt: Date, reason: string, options?: { readonly isWaiting: boolean }): Promise<void>;
}

/** The history of holds, for people to read; no decision depends on it. */
export interface HoldHistoryStore {
  /**
   * Records when the current hold of the stack ends. Call this before it does: an end that did not take place is recorded
   * again, and the latest one counts.
   */
  noteEnd(stack: Stack, until: Date): Promise<void>;
  /** Records what was deployed during the hold of the stack, or after its last one. */
  noteDeployment(stack: Stack, deployment: Deployment): Promise<void>;
  /** Lists the history, the latest hold first; a bounded number of holds. */
  list(projectId: ProjectId, stackNumber: number): Promise<readonly PastHold[]>;
}

export interface CostStore {
  /** Records the cost of a run. Idempotent: a run has one record for each month, however often it is written. */
  record(cost: RunCost): Promise<void>;
  /** Lists the costs of a project's runs that ended in this month. Strongly consistent, in no particular order. */
  ofMonth(projectId: ProjectId, month: Month): Promise<readonly RunCost[]>;
}

/** An event as GitHub sent it, its signature verified. */
export interface ArrivedDelivery {
  /** `X-GitHub-Delivery`: the same for every attempt at the same event. */
  readonly id: string;
  /** `X-GitHub-Event`. */
  readonly name: string;
  /** JSON, unchanged. */
  readonly payload: string;
}

/** An event from outside, kept until it is handled. */
export interface Delivery {
  readonly id: string;
  readonly name: string;
  readonly receivedAt: Date;
  readonly dueAt: Date;
  /** The payload, as JSON; large ones are in the object store under `payloadKey`. */
  readonly payload?: string;
  readonly payloadKey?: string;
  /** Attempts so far, the current one included. */
  readonly attempts: number;
}

/** Sessions of people. The reader decides whether a session has expired. */
export interface SessionStore {
  /** @returns false if the ID is taken. */
  create(session: Session): Promise<boolean>;
  get(id: string): Promise<Session | undefined>;
  /**
   * Writes the session if its stored revision is still the one in `session`.
   *
   * @returns false if the revision is a different one, or the session was deleted.
   */
  save(session: Session): Promise<boolean>;
  /** Deletes a session. Not an error if it does not exist. */
  delete(id: string): Promise<void>;
}

/** The state of maintenance jobs. */
export interface MaintenanceStore {
  /**
   * Claims a chore that one of the processes does from time to time.
   *
   * @param nextAt when it may be done again, whether or not it was completed.
   * @returns true for one caller; false for all others until then.
   */
  claim(chore: string, now: Date, nextAt: Date): Promise<boolean>;
  /**
   * Marks a task as an orphan, which no run needs.
   *
   * @param forgetAt when the mark expires unless it is repeated.
   * @returns since when it has been marked.
   */
  markOrphan(arn: string, now: Date, forgetAt: Date): Promise<Date>;
  /** Stores the quota of the account for every process that launches tasks. The last write counts. */
  noteQuota(note: QuotaNote): Promise<void>;
  readQuota(): Promise<QuotaNote | undefined>;
}

/** The quota of the account when it was last read. */
export interface QuotaNote {
  /** If omitted, it is not known. */
  readonly cpuUnits?: number;
  readonly askAgainAt: Date;
}

/**
 * The concurrency slots of all projects, with their holders and the queue, in one item, so that each change is one
 * conditional write and each answer is consistent.
 */
export interface SlotStore {
  read(): Promise<SlotsView>;
  /**
   * Takes a slot, if the limits allow one more.
   *
   * @param from `no queue`: only if the queue is empty; `line`: only for a claim in the queue, which then leaves it.
   * @returns false if the limits, the queue, or another call for the same claim prevented it: see `enqueue`.
   */
  take(claim: SlotClaim, limits: SlotLimits, from: 'no queue' | 'line'): Promise<boolean>;
  /**
   * Adds the claim to the queue, or keeps its position.
   *
   * @param ofProject the current limits of the claim's project.
   * @returns the state after the change; undefined if the claim has a slot.
   */
  enqueue(claim: SlotClaim, ofProject: ProjectSlotLimits): Promise<SlotsView | undefined>;
  /** Releases the slot, or the position in the queue. Not an error if there is neither. @returns the state afterwards. */
  leave(claim: SlotClaim): Promise<SlotsView>;
}
