import { omitUndefined } from '../../lib/omit-undefined.ts';
import type { Holder, RunId } from './ids.ts';
import { hasExpired, type Reservation, type Stack, type WantedTeardown } from './stack.ts';
import type { StackDeploy } from './stack-deploy.ts';

/* The changes that the hold of a stack goes through. Each returns the stack as it is to be saved. */

/** The record of a holder: a pointer to the stack that it has or is about to acquire, and its position in the queue. */
export interface HolderRecord {
  readonly holder: Holder;
  /** A hint until the stack itself names the holder. */
  readonly stackNumber?: number;
  /** Grows with every reservation, and is kept when the reservation ends; 0 if there was none yet. */
  readonly generation: number;
  readonly ticketNumber?: number;
  /** The pull request is closed or the run has ended: the holder must no longer acquire a stack. */
  readonly closed?: Date;
}

/** A run's use of the stack that its holder has. */
export interface Turn {
  readonly runId: RunId;
  readonly shares: boolean;
  /** The hold outlasts the run. */
  readonly keeps?: boolean;
  /** The suite whose teardown must run after this turn, before another holder gets the stack. */
  readonly teardown?: string;
}

/** The values that an acquisition writes into the stack. */
export interface AcquireParams {
  readonly holder: Holder;
  readonly branch: string;
  readonly now: Date;
  readonly leaseUntil?: Date;
  readonly reclaimAt?: Date;
  /** The run whose turn begins with the acquisition. */
  readonly turn?: Turn;
  /** When the sweep must check whether the hold is still needed. */
  readonly checkAt: Date;
}

/** The next holder for a teardown. */
export interface Handover {
  /** The run that tears down. */
  readonly holder: Holder;
  readonly teardown: WantedTeardown;
  readonly checkAt: Date;
}

/** Creates a held stack. */
export function newStack(
  { projectId, number, stackName }: Pick<Stack, 'projectId' | 'number' | 'stackName'>,
  params: AcquireParams,
): Stack {
  const { branch, now } = params;
  const times = { created: now, modified: now, lastRequested: now };
  const blank = { projectId, number, stackName, branch, ...times, revision: 0, token: 0, activeRuns: [] };
  return taken(blank, params);
}

/** Gives the stack to a new holder, with a new token. */
export function taken(stack: Stack, params: AcquireParams): Stack {
  const { holder, branch, now, leaseUntil, reclaimAt, turn, checkAt } = params;
  const hold = omitUndefined({
    holder,
    since: now,
    leaseUntil,
    reclaimAt,
    kept: turn?.keeps === true ? (true as const) : undefined,
  });
  const { reservation: _, awaited: __, ...free } = withoutTurns(stack);
  const idle = { ...free, branch, modified: now, lastRequested: now, token: stack.token + 1 };
  return withTurn({ ...idle, hold, checkAt }, turn);
}

/** True if a run may begin its turn while others have a turn. */
export function admits(stack: Stack, turn: Turn | undefined): boolean {
  if (turn === undefined || stack.activeRuns.every((id) => id === turn.runId)) return true;
  return stack.sharesTurns === true && turn.shares;
}

/**
 * Records another request of the holder: renews the lease and begins the run's turn. A turn without a lease leaves the lease
 * unchanged; a hold that is kept for one run is kept for all.
 */
export function renewed(stack: Stack, params: AcquireParams): Stack {
  const { hold } = stack;
  if (hold === undefined) throw new Error(`${stack.stackName} is not held`);
  const { branch, now, reclaimAt, turn } = params;
  const keepsLease = turn !== undefined && params.leaseUntil === undefined;
  const next = omitUndefined({
    ...hold,
    leaseUntil: keepsLease ? hold.leaseUntil : params.leaseUntil,
    reclaimAt,
    kept: turn?.keeps === true ? (true as const) : hold.kept,
  });
  const checkAt = keepsLease ? (stack.checkAt ?? params.checkAt) : params.checkAt;
  return withTurn({ ...stack, branch, modified: now, lastRequested: now, hold: next, checkAt }, turn);
}

/**
 * Ends a run's turn. Keeps the teardown of the latest run of its suite.
 *
 * @returns the same object if the run had no turn.
 */
export function turnEnded(
  stack: Stack,
  runId: RunId,
  { now, reclaimAt }: { readonly now: Date; readonly reclaimAt?: Date },
): Stack {
  const { hold, teardowns = [] } = stack;
  if (hold === undefined || !stack.activeRuns.includes(runId)) return stack;
  const activeRuns = stack.activeRuns.filter((run) => run !== runId);
  const own = teardowns.find((one) => one.runId === runId);
  const left = teardowns.filter(
    (one) => one.suite !== own?.suite || one.runId === runId || activeRuns.includes(one.runId),
  );
  const idle = withTeardowns(activeRuns.length > 0 ? { ...stack, activeRuns } : withoutTurns(stack), left);
  return { ...idle, modified: now, hold: reclaimAt === undefined ? hold : { ...hold, reclaimAt } };
}

/**
 * Notes that the end of a turn matters to more than its run.
 *
 * @returns the same object if that is recorded already.
 */
export function awaitedBy(stack: Stack): Stack {
  return stack.awaited === true ? stack : { ...stack, awaited: true };
}

/** Makes a held stack available. */
export function released(stack: Stack, now: Date): Stack {
  const { hold: _, checkAt: __, awaited: ___, reservation, ...rest } = withoutTurns(stack);
  const isOver = reservation === undefined || reservation.until <= now;
  return { ...rest, modified: now, ...(isOver ? {} : { reservation, checkAt: reservation.until }) };
}

/**
 * Passes the stack to the run that tears it down, with a new token, so that it is never available. The teardown stays
 * required until it has succeeded.
 */
export function handedOver(stack: Stack, now: Date, to: Handover): Stack {
  const { runId } = to.teardown;
  const hold = { holder: to.holder, since: now, teardownOf: runId };
  // Berth's deployments are no longer valid. A commit that a client recorded stays, because only the client knows its meaning.
  const { deploys, lastDeployedCommit, awaited: _, ...rest } = withoutTurns(stack);
  const noted = deploys === undefined ? omitUndefined({ lastDeployedCommit }) : {};
  const next = { ...rest, ...noted, modified: now, token: stack.token + 1, hold, checkAt: to.checkAt };
  if (stack.dirty === undefined) return next;
  const { retryAt: __, ...dirty } = stack.dirty;
  return { ...next, dirty };
}

/** Removes the teardown that the hold was for, and those of other turns of the same suite. */
export function tornDown(stack: Stack): Stack {
  const { hold, teardowns = [] } = stack;
  const done = teardowns.find((one) => one.runId === hold?.teardownOf);
  return withTeardowns(
    stack,
    teardowns.filter((one) => one !== done && one.suite !== done?.suite),
  );
}

/** Sets the stack aside after a teardown that failed. */
export function quarantined(
  stack: Stack,
  now: Date,
  failure: { readonly reason: string; readonly retryAt?: Date },
): Stack {
  const dirty = {
    ...failure,
    since: stack.dirty?.since ?? now,
    attempts: (stack.dirty?.attempts ?? 0) + 1,
  };
  return { ...released(stack, now), dirty, ...omitUndefined({ checkAt: failure.retryAt }) };
}

/** Declares a stack clean: nothing is left to tear down. */
export function cleaned(stack: Stack, now: Date): Stack {
  const { dirty: _, ...rest } = withTeardowns(stack, []);
  const { checkAt, ...clean } = rest;
  // The sweep checks an available stack only when its reservation ends.
  const next = clean.hold === undefined ? clean.reservation?.until : checkAt;
  return { ...clean, modified: now, ...omitUndefined({ checkAt: next }) };
}

export function reserved(stack: Stack, reservation: Reservation): Stack {
  const { until, since: now } = reservation;
  const checkAt = stack.checkAt !== undefined && stack.checkAt < until ? stack.checkAt : until;
  return { ...stack, modified: now, reservation, checkAt };
}

/** Ends the reservation. The sweep then checks the stack: its hold may have ended in the meantime. */
export function unreserved(stack: Stack, now: Date): Stack {
  const { reservation: _, checkAt: __, ...rest } = stack;
  const checkAt = stack.hold === undefined ? stack.dirty?.retryAt : now;
  return { ...rest, modified: now, ...omitUndefined({ checkAt }) };
}

/** Records the state of a deployment. A success is also the stack's last deployed commit. */
export function deployNoted(stack: Stack, name: string, deploy: StackDeploy, now: Date): Stack {
  const isDone = deploy.begun === undefined && deploy.done !== undefined;
  const next = { ...stack, deploys: { ...stack.deploys, [name]: deploy }, modified: now };
  return isDone ? { ...next, lastDeployedCommit: deploy.done.commit } : next;
}

/** Sets the end of the hold in the past: the holder loses the stack as soon as no run is active on it. */
export function expiredNow(stack: Stack, now: Date): Stack {
  if (stack.hold === undefined || hasExpired(stack, now)) return stack;
  return { ...stack, modified: now, hold: { ...stack.hold, leaseUntil: now }, checkAt: now };
}

function withTurn(stack: Stack, turn: Turn | undefined): Stack {
  if (turn === undefined) return stack;
  const { sharesTurns: _, ...rest } = stack;
  const { runId, shares, teardown } = turn;
  const activeRuns = [...new Set([...stack.activeRuns, runId])];
  const next = { ...rest, activeRuns, ...(shares ? { sharesTurns: true as const } : {}) };
  if (teardown === undefined) return next;
  const others = (stack.teardowns ?? []).filter((one) => one.suite !== teardown || one.runId !== runId);
  return withTeardowns(next, [...others, { suite: teardown, runId }]);
}

function withoutTurns({ sharesTurns: _, ...stack }: Stack): Stack {
  return { ...stack, activeRuns: [] };
}

function withTeardowns({ teardowns: _, ...stack }: Stack, left: readonly WantedTeardown[]): Stack {
  return left.length === 0 ? stack : { ...stack, teardowns: left };
}

/** A commit that was deployed to a stack, and when. */
export interface Deployment {
  readonly commit: string;
  readonly at: Date;
}

/** A hold in the history of a stack, identified by its token. */
export interface PastHold {
  readonly token: number;
  readonly holder: Holder;
  readonly branch: string;
  readonly since: Date;
  /** If omitted, the hold lasts. */
  readonly until?: Date;
  /** Oldest first. */
  readonly deployments: readonly Deployment[];
}

/**
 * Returns the history of a stack, latest first. The record of an active hold may have an end that did not take
 * place: the stack itself is authoritative.
 */
export function holdsOf(stack: Stack, noted: readonly PastHold[]): readonly PastHold[] {
  const past = noted.filter(({ token }) => token < stack.token || stack.hold === undefined);
  const { hold, token, branch } = stack;
  if (hold === undefined) return past;
  const deployments = noted.find((one) => one.token === token)?.deployments ?? [];
  return [{ token, holder: hold.holder, branch, since: hold.since, deployments }, ...past];
}
