import type { HolderRecord } from '../core/model/hold.ts';
import type { Holder, ProjectId } from '../core/model/ids.ts';
import type { PoolView, Stack, Ticket } from '../core/model/stack.ts';

/**
 * The stacks of all projects. The rules of holds are in `core/model/hold.ts`: a store only refuses to overwrite what its
 * caller has not seen.
 */
export interface StackStore {
  /**
   * Reads what a request needs to know about the pool, in one round trip of one read or of parallel reads. Strongly
   * consistent.
   *
   * @param holder of the request; a request with a unique holder reads less.
   * @param contended another request got the stack that was chosen before: reads more stacks to choose from.
   */
  view(
    projectId: ProjectId,
    branch: string,
    holder: Holder | undefined,
    contended?: boolean,
  ): Promise<PoolView>;
  get(projectId: ProjectId, number: number): Promise<Stack | undefined>;
  /** All stacks, in the order of their numbers. */
  list(projectId: ProjectId): Promise<readonly Stack[]>;
  /**
   * Writes `next` over `seen`. A stack that is saved over `undefined` is created; its token continues where a deleted
   * stack of its number ended.
   *
   * @returns the stack with its new revision.
   * @throws LostRace if the stored stack is not `seen`.
   */
  save(next: Stack, seen: Stack | undefined): Promise<Stack>;
  /** @throws LostRace if the stored stack is not `seen`. */
  delete(seen: Stack): Promise<void>;
  /** Stacks and tickets that the sweep must look at: due at `now` or before, the oldest first. */
  due(now: Date, limit: number): Promise<readonly DueStackItem[]>;
}

export type DueStackItem =
  | { readonly kind: 'stack'; readonly stack: Stack }
  | { readonly kind: 'ticket'; readonly ticket: Ticket }
  /** Written by another version, or by hand. */
  | { readonly kind: 'unreadable'; readonly key: string; readonly error: Error };

export interface HolderStore {
  get(projectId: ProjectId, holder: Holder): Promise<HolderRecord | undefined>;
  /**
   * Writes the record over the one that was seen.
   *
   * @throws LostRace if the stored record is not `seen`.
   */
  save(projectId: ProjectId, next: HolderRecord, seen: HolderRecord | undefined): Promise<HolderRecord>;
  /** @throws LostRace if the stored record is not `seen`. */
  delete(projectId: ProjectId, seen: HolderRecord): Promise<void>;
}

/** The queue in which requests wait for a stack, in the order of their numbers. */
export interface QueueStore {
  /** Adds the holder to the end of the queue, or keeps its position and updates `expires`. */
  join(ticket: Omit<Ticket, 'number'>): Promise<Ticket>;
  /** Removes a ticket from the queue. Not an error if it does not exist. */
  leave(projectId: ProjectId, holder: Holder, ticketNumber: number): Promise<void>;
  list(projectId: ProjectId, limit: number): Promise<readonly Ticket[]>;
  /** Counts all tickets, or those before a number. */
  count(projectId: ProjectId, before?: number): Promise<number>;
}
