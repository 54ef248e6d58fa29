import { describeHolder, type Holder, type ProjectId, type RunId } from './ids.ts';
import type { StackDeploy } from './stack-deploy.ts';

/** The lock of a stack for a holder. */
export interface Hold {
  readonly holder: Holder;
  readonly since: Date;
  /** After this time another holder may acquire the stack. If omitted, it is held until it is released. */
  readonly leaseUntil?: Date;
  /** After this time the stack may be reclaimed for a waiting request, if no run is active on it. */
  readonly reclaimAt?: Date;
  /** The hold outlasts the runs that use it: it ends when its branch closes, or when its client releases it. */
  readonly kept?: true;
  /** The stack is being torn down with the settings of this run; the holder is the teardown run. */
  readonly teardownOf?: RunId;
}

/** A teardown that must run before the next holder gets the stack, from the last run that used it. */
export interface WantedTeardown {
  readonly suite: string;
  readonly runId: RunId;
}

/** The state of a stack whose teardown has failed: no holder gets it. */
interface DirtyState {
  readonly since: Date;
  /** One sentence: how the last teardown ended. */
  readonly reason: string;
  /** Teardowns that have failed. */
  readonly attempts: number;
  /** When the teardown is retried. If omitted, it is running, or only a person can clean the stack. */
  readonly retryAt?: Date;
}

/** A reservation by a person: the stack goes to no other holder, and its hold does not end. */
export interface Reservation {
  readonly by: string;
  readonly reason: string;
  readonly since: Date;
  readonly until: Date;
}

/** A named environment that a branch can hold. */
export interface Stack {
  readonly projectId: ProjectId;
  /** 1, 2, 3 … in the order of creation; `stackName` ends in it. */
  readonly number: number;
  readonly stackName: string;
  /** The branch that has the stack, or last had it. */
  readonly branch: string;
  readonly lastDeployedCommit?: string;
  readonly created: Date;
  readonly modified: Date;
  readonly lastRequested: Date;
  /** Increases with every write. 0 for a stack that version 0.1.0 wrote. */
  readonly revision: number;
  /** Grows at every acquisition, and is kept when the stack is free: no two holds of a stack share one. */
  readonly token: number;
  /** If omitted, the stack is available. */
  readonly hold?: Hold;
  /** Runs with a turn on the stack. */
  readonly activeRuns: readonly RunId[];
  /** The active runs use the stack in parallel with others that share it. */
  readonly sharesTurns?: true;
  /**
   * The end of a turn matters to more than its run: another run of the holder waits for its turn, or the hold must end.
   * Kept until the hold ends.
   */
  readonly awaited?: true;
  /** When the sweep must check the stack. */
  readonly checkAt?: Date;
  /** The teardowns that must run before the next holder gets the stack. If omitted, there are none. */
  readonly teardowns?: readonly WantedTeardown[];
  readonly dirty?: DirtyState;
  readonly reservation?: Reservation;
  /** The deployments, by name. If omitted, none since the last teardown. */
  readonly deploys?: Readonly<Record<string, StackDeploy>>;
}

/** A place in the queue of a project. */
export interface Ticket {
  readonly projectId: ProjectId;
  readonly number: number;
  readonly holder: Holder;
  readonly branch: string;
  /** Waits only for this stack. Such a ticket does not block those behind it. */
  readonly stackNumber?: number;
  readonly leaseSeconds?: number;
  readonly runId?: RunId;
  /** The cause of the request. */
  readonly author?: string;
  /** With a fair queue, the tickets of a round are served before those of the next. Kept while the ticket waits. */
  readonly round?: number;
  readonly asked: Date;
  /** After this time the ticket expires. A waiting client or run renews it by asking again. */
  readonly expires: Date;
}

export function isAvailable(stack: Stack): boolean {
  return stack.hold === undefined;
}

/** True if others may acquire a held stack: its lease has expired and no run is active on it. */
export function hasExpired(stack: Stack, now: Date): boolean {
  const lease = stack.hold?.leaseUntil;
  return lease !== undefined && lease <= now && stack.activeRuns.length === 0;
}

/** True if a held stack may be reclaimed for a waiting holder: it was idle for longer than the project allows. */
function isReclaimable(stack: Stack, now: Date): boolean {
  const at = stack.hold?.reclaimAt;
  return at !== undefined && at <= now && stack.activeRuns.length === 0;
}

/** True if the holder has not asked for the stack since it was seen. */
export function isSameRequest(stack: Stack, seen: Stack): boolean {
  return +stack.lastRequested === +seen.lastRequested && stack.branch === seen.branch;
}

/** True if a teardown must run before the stack may go to the next holder. */
export function wantsTeardown(stack: Stack): boolean {
  return stack.teardowns !== undefined && stack.teardowns.length > 0;
}

export function isReserved({ reservation }: Stack, now: Date): boolean {
  return reservation !== undefined && reservation.until > now;
}

/** True if any holder may take the stack immediately. */
export function mayBeTaken(stack: Stack, now: Date): boolean {
  if (stack.dirty !== undefined || isReserved(stack, now)) return false;
  return isAvailable(stack) || (!wantsTeardown(stack) && isHoldOver(stack, now));
}

/** True if a hold may be ended for other holders. */
function isHoldOver(stack: Stack, now: Date): boolean {
  return hasExpired(stack, now) || isReclaimable(stack, now);
}

/** True if another holder could take the stack, if it did not need a teardown first. */
export function mayBeTornDown(stack: Stack, now: Date): boolean {
  return wantsTeardown(stack) && isHoldOver(stack, now) && !isReserved(stack, now);
}

export function describeHold(hold: Hold): string {
  return hold.teardownOf === undefined ? describeHolder(hold.holder) : 'its teardown';
}

export function stackNameOf(prefix: string, number: number): string {
  return `${prefix}${number}`;
}

/**
 * Returns the number at the end of a stack's name. A prefix never ends in a digit (the project's settings refuse it), so this
 * is unambiguous, even after the prefix was changed.
 *
 * @returns undefined if the name ends in no number.
 */
export function stackNumberOf(stackName: string): number | undefined {
  const digits = /[1-9][0-9]{0,7}$/.exec(stackName);
  return digits === null ? undefined : Number(digits[0]);
}

/** The part of a project's pool that one request reads. */
export interface PoolView {
  /** The available stack that last had the request's branch; of several, the most recently requested one. */
  readonly affine: Stack | undefined;
  /** A page of available stacks, the one requested longest ago first. */
  readonly free: readonly Stack[];
  /** A page of held stacks whose lease or idle time ends, the earliest end first. */
  readonly expiring: readonly Stack[];
  /** The first ticket in the queue for any stack; undefined if none waits. */
  readonly firstTicket: Ticket | undefined;
  /**
   * The highest stack number, 0 for an empty pool. May be undefined for a request without a named holder while a stack
   * is free, which does not need it.
   */
  readonly highestNumber: number | undefined;
}

export type Choice =
  | { readonly kind: 'take'; readonly stack: Stack }
  | { readonly kind: 'create'; readonly number: number }
  /** @property tearDown becomes available after a teardown. */
  | { readonly kind: 'none'; readonly tearDown?: Stack };

/**
 * Chooses the stack for a request, in DESIGN's order: the one that last had the branch, the one requested longest ago,
 * one whose lease has expired, a new one, one that has been idle for long; otherwise none.
 *
 * @param lost numbers of the stacks that this request tried and lost to another.
 * @param spread which of the free stacks to try, in [0, 1), for a request that has lost one already: parallel requests that
 *   try stacks in the same order would collide at every stack. If undefined, the oldest.
 */
export function chooseStack(
  view: PoolView,
  options: { maxStacks: number; now: Date; lost: ReadonlySet<number>; spread: number | undefined },
): Choice {
  const { now, lost } = options;
  const untried = (stack: Stack): boolean => !lost.has(stack.number);
  if (view.affine !== undefined && untried(view.affine)) return { kind: 'take', stack: view.affine };

  const free = view.free.filter(untried);
  const oldest = free[Math.floor((options.spread ?? 0) * free.length)];
  if (oldest !== undefined) return { kind: 'take', stack: oldest };

  const expired = view.expiring.find(
    (stack) => untried(stack) && mayBeTaken(stack, now) && (isAvailable(stack) || hasExpired(stack, now)),
  );
  if (expired !== undefined) return { kind: 'take', stack: expired };

  if (view.highestNumber !== undefined) {
    // Another process has created a number that was lost, so the one after it leaves no gap.
    let next = view.highestNumber + 1;
    while (lost.has(next)) next += 1;
    if (next <= options.maxStacks) return { kind: 'create', number: next };
  }

  const idle = view.expiring.find((stack) => untried(stack) && mayBeTaken(stack, now));
  if (idle !== undefined) return { kind: 'take', stack: idle };
  const tearDown = view.expiring.find((stack) => mayBeTornDown(stack, now));
  return tearDown === undefined ? { kind: 'none' } : { kind: 'none', tearDown };
}
