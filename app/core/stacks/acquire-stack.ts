import { later } from '../../lib/later.ts';
import { omitUndefined } from '../../lib/omit-undefined.ts';
import type { Deps, StoreClockDeps } from '../deps.ts';
import { LostRace } from '../model/errors.ts';
import {
  type AcquireParams,
  type HolderRecord,
  newStack,
  type Turn,
  taken,
  turnEnded,
} from '../model/hold.ts';
import { type Holder, isUniqueHolder, type RunId } from '../model/ids.ts';
import { type Project, stackLimitOf } from '../model/project.ts';
import {
  type Choice,
  chooseStack,
  mayBeTaken,
  mayBeTornDown,
  type PoolView,
  type Stack,
  stackNameOf,
} from '../model/stack.ts';
import { changeStack, renewHold } from './change-stack.ts';
import { reserve } from './holder-records.ts';

export interface StackRequest {
  readonly project: Project;
  readonly holder: Holder;
  readonly branch: string;
  /** Only this stack. */
  readonly stackNumber?: number;
  /** The hold expires after this many seconds without another request. */
  readonly leaseSeconds?: number;
  /** The run that begins its turn on the stack. */
  readonly turn?: Turn;
  /** How long the turn may last at most, in seconds: an idle hold is not reclaimed before. */
  readonly turnSeconds?: number;
}

export type Acquired =
  | { readonly kind: 'held'; readonly stack: Stack; readonly isNew: boolean; readonly wasHeld: boolean }
  /** Another run of the same holder has its turn. */
  | { readonly kind: 'busy'; readonly stackNumber: number }
  | { readonly kind: 'closed' }
  /** @property tearDown would become available after a teardown. */
  | { readonly kind: 'none'; readonly tearDown?: Stack };

/** The result of a request before it reads the pool. */
interface OwnStack {
  readonly record?: HolderRecord;
  /** The answer, if the request does not need the pool. */
  readonly answer?: Acquired;
}

/** One read of the pool and the holder. */
export interface PoolSnapshot extends OwnStack {
  readonly pool: PoolView;
}

export type StackDeps = Pick<Deps, 'store' | 'clock' | 'ids' | 'policy'>;

/** Every further read means that another request got a stack, so this many are plenty. */
const maxAttempts = 100;

/**
 * Acquires a stack, or finds the one that the holder has, regardless of the queue.
 *
 * The pointer is written before the stack is acquired, so that two requests of one holder go for one stack, and a crash
 * in between leaves a pointer that the next request follows, instead of a stack whose holder does not know about it.
 *
 * Why no holder ever has two stacks, though pointer and stack are two items: every acquisition is conditional on the token
 * that was seen *before* the pointer was set, and a pointer changes, from the generation that was seen, only after
 * its stack had a different holder, with a higher token. So a process that set the pointer earlier, however late it
 * continues, finds another token and acquires nothing.
 *
 * @param seen a read of the holder and the pool that the caller has just done.
 */
export async function acquireStack(
  deps: StackDeps,
  request: StackRequest,
  seen?: PoolSnapshot,
): Promise<Acquired> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const contended = attempt > 1;
      const snapshot = contended || seen === undefined ? await readSnapshot(deps, request, contended) : seen;
      return snapshot.answer ?? (await acquireFrom(deps, request, snapshot, contended));
    } catch (error) {
      if (!(error instanceof LostRace)) throw error;
      if (attempt === maxAttempts) return { kind: 'none' };
    }
  }
}

async function readSnapshot(
  deps: StackDeps,
  request: StackRequest,
  contended: boolean,
): Promise<PoolSnapshot> {
  // In parallel: a waiting holder that is granted a stack has none yet.
  const [own, pool] = await Promise.all([
    findOwnStack(deps, request),
    deps.store.stacks.view(request.project.id, request.branch, request.holder, contended),
  ]);
  return { ...own, pool };
}

/** Follows the holder's pointer to its stack, renews the lease, and begins the run's turn. */
export async function findOwnStack(deps: StackDeps, request: StackRequest): Promise<OwnStack> {
  const { project, holder } = request;
  if (isUniqueHolder(holder)) return {};
  const record = await deps.store.holders.get(project.id, holder);
  if (record === undefined) return {};
  if (record.closed !== undefined) return { record, answer: { kind: 'closed' } };
  if (record.stackNumber === undefined) return { record };
  const { stackNumber } = record;
  const at = { projectId: project.id, number: stackNumber };
  const renewal = await renewHold(deps.store.stacks, at, acquireParamsOf(deps, request));
  switch (renewal.kind) {
    case 'not held':
      return { record };
    case 'busy':
      return { record, answer: { kind: 'busy', stackNumber } };
    case 'held':
      return { record, answer: { kind: 'held', stack: renewal.stack, isNew: false, wasHeld: true } };
  }
}

/** @throws LostRace if the pool or the holder has changed since it was read. */
async function acquireFrom(
  deps: StackDeps,
  request: StackRequest,
  snapshot: PoolSnapshot,
  contended: boolean,
): Promise<Acquired> {
  if (isUniqueHolder(request.holder)) return takeAny(deps, request, snapshot.pool, contended);
  const reserved = await chooseReserved(deps, request, snapshot);
  const choice = reserved ?? (await choose(deps, request, snapshot.pool, contended));
  if (choice.kind === 'none') return choice;
  const target = { holder: request.holder, stackNumber: numberOf(choice) };
  await reserve(deps.store.holders, request.project.id, target, snapshot.record);
  return take(deps, request, choice);
}

/** The stack that another request of this holder reserved, possibly before a crash: usable as long as it is free. */
async function chooseReserved(
  deps: StackDeps,
  request: StackRequest,
  { pool, record }: PoolSnapshot,
): Promise<Exclude<Choice, { kind: 'none' }> | undefined> {
  const number = record?.stackNumber;
  if (number === undefined || (request.stackNumber ?? number) !== number) return undefined;
  // After the read of the pool: another request of this holder may have acquired it in between.
  const stack = await deps.store.stacks.get(request.project.id, number);
  if (stack?.hold?.holder === request.holder)
    throw new LostRace(`${request.holder} already has ${stack.stackName} from another request`);
  if (stack !== undefined) return mayBeTaken(stack, deps.clock.now()) ? { kind: 'take', stack } : undefined;
  // The process that set the pointer may still create this stack, so only this one is possible.
  const next = pool.highestNumber === undefined ? undefined : pool.highestNumber + 1;
  return number === next && next <= stackLimitOf(request.project.settings)
    ? { kind: 'create', number }
    : undefined;
}

/** A request with a unique holder: it needs no pointer, and does not retry a stack that it lost. */
async function takeAny(
  deps: StackDeps,
  request: StackRequest,
  pool: PoolView,
  contended: boolean,
): Promise<Acquired> {
  const lost = new Set<number>();
  for (;;) {
    const choice = await choose(deps, request, pool, contended || lost.size > 0, lost);
    if (choice.kind === 'none') {
      if (lost.size === 0) return choice;
      throw new LostRace('every stack of the page went to another request');
    }
    try {
      return await take(deps, request, choice);
    } catch (error) {
      if (!(error instanceof LostRace)) throw error;
      lost.add(numberOf(choice));
    }
  }
}

/** @throws LostRace if the stack exists by now, or has changed since it was read, even if it is available again. */
async function take(
  deps: StackDeps,
  request: StackRequest,
  choice: Exclude<Choice, { kind: 'none' }>,
): Promise<Acquired> {
  const { stacks, holds } = deps.store;
  const { project } = request;
  const params = acquireParamsOf(deps, request);
  if (choice.kind === 'create') {
    const { number } = choice;
    const stackName = stackNameOf(project.settings.prefix, number);
    const created = newStack({ projectId: project.id, number, stackName }, params);
    const stack = await stacks.save(created, undefined);
    return { kind: 'held', stack, isNew: true, wasHeld: false };
  }
  // Records the hold that this ends, which is rare, so usual requests cost nothing more.
  if (choice.stack.hold !== undefined) await holds.noteEnd(choice.stack, params.now);
  const stack = await stacks.save(taken(choice.stack, params), choice.stack);
  return { kind: 'held', stack, isNew: false, wasHeld: false };
}

async function choose(
  deps: StackDeps,
  request: StackRequest,
  pool: PoolView,
  contended: boolean,
  lost: ReadonlySet<number> = new Set(),
): Promise<Choice> {
  const { project, stackNumber } = request;
  if (stackNumber === undefined) {
    const spread = contended ? deps.ids.random() : undefined;
    return chooseStack(pool, {
      maxStacks: stackLimitOf(project.settings),
      now: deps.clock.now(),
      lost,
      spread,
    });
  }
  const stack = lost.has(stackNumber) ? undefined : await deps.store.stacks.get(project.id, stackNumber);
  if (stack === undefined) return { kind: 'none' };
  const now = deps.clock.now();
  if (mayBeTaken(stack, now)) return { kind: 'take', stack };
  return mayBeTornDown(stack, now) ? { kind: 'none', tearDown: stack } : { kind: 'none' };
}

function numberOf(choice: Exclude<Choice, { kind: 'none' }>): number {
  return choice.kind === 'take' ? choice.stack.number : choice.number;
}

function acquireParamsOf(deps: StackDeps, request: StackRequest): AcquireParams {
  const now = deps.clock.now();
  const reclaimAfter = request.project.settings.reclaimAfterSeconds;
  const turnSeconds = request.turn === undefined ? 0 : (request.turnSeconds ?? 0);
  const leaseUntil = request.leaseSeconds === undefined ? undefined : later(now, request.leaseSeconds);
  return omitUndefined({
    holder: request.holder,
    branch: request.branch,
    now,
    leaseUntil,
    reclaimAt: reclaimAfter === undefined ? undefined : later(now, reclaimAfter + turnSeconds),
    turn: request.turn,
    checkAt: leaseUntil ?? later(now, deps.policy.holdCheckSeconds),
  });
}

/** Ends a run's turn on a stack; its holder keeps the stack. */
export function endTurn(
  deps: StoreClockDeps,
  project: Project,
  seen: Stack | number,
  runId: RunId,
): Promise<Stack | undefined> {
  const now = deps.clock.now();
  const reclaimAfter = project.settings.reclaimAfterSeconds;
  const reclaimAt = reclaimAfter === undefined ? undefined : later(now, reclaimAfter);
  const stack = typeof seen === 'number' ? { projectId: project.id, number: seen } : seen;
  return changeStack(deps.store.stacks, stack, (current) =>
    turnEnded(current, runId, omitUndefined({ now, reclaimAt })),
  );
}
