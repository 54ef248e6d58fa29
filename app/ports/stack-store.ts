import type { Holder, ProjectId, RunId } from '../core/model/ids.ts';
import type { PoolView, Stack, Ticket, WantedTeardown } from '../core/model/stack.ts';
import type { StackDeploy } from '../core/model/stack-deploy.ts';

/** The record of a holder: a pointer to the stack it has or is about to take, and its place in the queue. */
export interface HolderRecord {
  readonly holder: Holder;
  /** A hint until the stack itself names the holder. */
  readonly stackNumber?: number;
  /** Grows with every reservation, and is kept when the reservation ends; 0 if there was none yet. */
  readonly generation: number;
  readonly ticketNumber?: number;
  /** The pull request is closed or the run has ended: it must not take a stack any more. */
  readonly closed?: Date;
}

/** The values that an acquisition writes into the stack. */
export interface AcquireParams {
  readonly holder: Holder;
  readonly branch: string;
  readonly now: Date;
  readonly leaseUntil?: Date;
  readonly reclaimAt?: Date;
  /** The run whose turn begins with the params. */
  readonly turn?: Turn;
  /** When the sweep must check whether the hold is still needed. */
  readonly checkAt: Date;
}

export interface Turn {
  readonly runId: RunId;
  readonly shares: boolean;
  /** The hold is to outlast the run. */
  readonly keeps?: boolean;
  /** The suite whose teardown the stack is to see, after this turn, before anybody else has it. */
  readonly teardown?: string;
}

export interface ReleaseOptions {
  readonly expired?: boolean;
  readonly unchanged?: boolean;
}

/** The next holder for a teardown. */
export interface Handover {
  /** The run that tears down. */
  readonly holder: Holder;
  readonly teardown: WantedTeardown;
  readonly checkAt: Date;
}

export interface StackStore {
  /** One look at the pool: reads that do not wait for one another, so one round trip. Strongly consistent. */
  view(
    projectId: ProjectId,
    branch: string,
    who: Holder | undefined,
  ): Promise<{ pool: PoolView; who: HolderRecord | undefined }>;
  get(projectId: ProjectId, number: number): Promise<Stack | undefined>;
  /** All stacks, in the order of their numbers. */
  list(projectId: ProjectId): Promise<readonly Stack[]>;

  /**
   * Points a holder at a stack before it is taken, so that a second request of the same holder goes for the same
   * one.
   *
   * @param seen the record that this was decided on.
   * @returns the record with the pointer set; undefined where it is not as it was seen (its generation is another,
   *   or it was closed): look again.
   */
  reserve(
    projectId: ProjectId,
    who: Holder,
    number: number,
    seen: HolderRecord | undefined,
  ): Promise<HolderRecord | undefined>;
  /** Takes the pointer away, if its generation is the one that was seen. */
  unreserve(projectId: ProjectId, seen: HolderRecord): Promise<void>;
  readHolder(projectId: ProjectId, who: Holder): Promise<HolderRecord | undefined>;
  /** From now on `who` takes no stack. Kept for good; idempotent, the first moment counts. */
  closeHolder(projectId: ProjectId, who: Holder, at: Date): Promise<HolderRecord>;
  /** Deletes what is known of a holder that has no stack and no place in line, and never comes back. */
  forgetHolder(projectId: ProjectId, who: Holder): Promise<void>;
  /** The opposite, when a pull request is reopened. */
  reopenHolder(projectId: ProjectId, who: Holder): Promise<void>;

  /**
   * Takes a stack that is as it was seen, its token above all: available, or with a hold that has expired or may be
   * reclaimed. One that was taken and given back since is not the same.
   *
   * @returns the stack as taken, or undefined where another was first, or it has to be torn down before.
   */
  take(seen: Stack, params: AcquireParams): Promise<Stack | undefined>;
  /** Makes stack `number`, held from its first moment. @returns undefined where there is one already. */
  create(
    projectId: ProjectId,
    number: number,
    stackName: string,
    params: AcquireParams,
  ): Promise<Stack | undefined>;
  /**
   * The holder asks for its own stack again: notes the request, moves the lease on and begins the run's turn. A turn that
   * brings no lease leaves the hold's as it is.
   *
   * @returns the stack; `lost` where the holder does not have it (any more); `busy` where another run has its turn.
   */
  renew(
    projectId: ProjectId,
    number: number,
    params: AcquireParams,
    token?: number,
  ): Promise<Stack | 'lost' | 'busy'>;
  /**
   * Ends a run's turn; no error where it had none. Of the teardowns that turns of its suite asked for, its own stays.
   *
   * @param options.reclaimAt when the hold may be reclaimed from now on; absent: as it was.
   * @returns the stack, or undefined where it is gone.
   */
  leave(
    projectId: ProjectId,
    number: number,
    runId: RunId,
    options: { now: Date; reclaimAt?: Date },
  ): Promise<Stack | undefined>;
  /**
   * Gives a held stack back: the hold whose token `seen` shows, and no other.
   *
   * @param options.expired only if its lease has expired by `now`: the holder may have asked again since it was seen.
   * @param options.unchanged only if its holder has not asked for it since it was seen.
   * @returns false where it is not held so (any more), a run is active on it, or it has to be torn down before.
   */
  release(seen: Stack, now: Date, options?: ReleaseOptions): Promise<boolean>;
  /**
   * Passes a hold that ends to the run that tears the stack down, with a new token, in one write: at no moment is the
   * stack free. Teardowns that other turns of the same suite asked for are done with by this one. What Berth
   * deployed counts no more.
   *
   * @param options.expired only if its lease has expired by `now`.
   * @param options.overdue only if its lease and its idle time end when they ended as it was seen.
   * @returns the stack as it is held then; undefined where it is not held as it was seen (any more), a run is active on
   *   it, or other teardowns are wanted than were seen.
   */
  transferHold(
    seen: Stack,
    now: Date,
    to: Handover,
    options?: { expired?: boolean; overdue?: boolean },
  ): Promise<Stack | undefined>;
  /** @returns the stack afterwards; undefined where there is none, or the token is not the hold's. */
  setLastDeployedCommit(
    projectId: ProjectId,
    number: number,
    commit: string,
    now: Date,
    token?: number,
  ): Promise<Stack | undefined>;
  /**
   * Notes what is known of a deployment, while the hold with this token lasts. A success is the stack's last deployed
   * commit too.
   *
   * @returns the stack afterwards; undefined where the hold has ended.
   */
  noteDeploy(
    at: { readonly projectId: ProjectId; readonly number: number; readonly token: number },
    name: string,
    deploy: StackDeploy,
    now: Date,
  ): Promise<Stack | undefined>;
  /** @returns false where it is held, or no longer the same. */
  delete(seen: Stack): Promise<boolean>;
  /** The stack with the highest number. */
  last(projectId: ProjectId): Promise<Stack | undefined>;

  /** A place at the end of the line, or the one that the holder has already, moved on to `expires`. */
  enqueue(ticket: Omit<Ticket, 'number'>): Promise<Ticket>;
  /** Takes a place away; no error where it is gone. */
  dequeue(projectId: ProjectId, who: Holder, ticketNumber: number): Promise<void>;
  /** The first places in line. */
  line(projectId: ProjectId, limit: number): Promise<readonly Ticket[]>;
  /** How many wait before this ticket. */
  countBefore(projectId: ProjectId, ticketNumber: number): Promise<number>;
  countWaiting(projectId: ProjectId): Promise<number>;

  /** Holds and tickets that somebody has to look at: due at `now` or before, the oldest first. */
  due(now: Date, limit: number): Promise<readonly DueStackItem[]>;
  /** Moves the next look at a hold. Lost where the hold is not the same. */
  checkLater(seen: Stack, checkAt: Date): Promise<void>;
}

export type DueStackItem =
  | { readonly kind: 'stack'; readonly stack: Stack }
  | { readonly kind: 'ticket'; readonly ticket: Ticket }
  /** Written by another version, or by hand. */
  | { readonly kind: 'unreadable'; readonly key: string; readonly error: Error };
