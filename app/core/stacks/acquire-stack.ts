import { later } from '../../lib/later.ts';
import { omitUndefined } from '../../lib/omit-undefined.ts';
import type { AcquireParams, HolderRecord, Turn } from '../../ports/stack-store.ts';
import type { Deps } from '../deps.ts';
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

/** A request for one of a project's stacks. */
export interface StackRequest {
  readonly project: Project;
  readonly holder: Holder;
  readonly branch: string;
  /** This stack and no other. */
  readonly stackNumber?: number;
  /** The hold ends by itself after this many seconds without another request. */
  readonly leaseSeconds?: number;
  /** The run that is to have its turn on the stack. */
  readonly turn?: Turn;
  /** How long the turn may last at most, in seconds: an idle hold is not reclaimed before. */
  readonly turnSeconds?: number;
}

export type Acquired =
  | { readonly kind: 'held'; readonly stack: Stack; readonly isNew: boolean; readonly wasHeld: boolean }
  /** Another run of the same holder has its turn. */
  | { readonly kind: 'busy'; readonly stackNumber: number }
  /** The holder may take no stack any more. */
  | { readonly kind: 'closed' }
  /** @property tearDown would become available after a teardown. */
  | { readonly kind: 'none'; readonly tearDown?: Stack };

/** One look at the pool and at the holder. */
export interface Look {
  readonly pool: PoolView;
  readonly who: HolderRecord | undefined;
}

export type StackDeps = Pick<Deps, 'store' | 'clock' | 'ids' | 'policy'>;

/** A pool changes during a request. Another read is only necessary because another request got a stack: this is plenty. */
const maxLooks = 100;

/**
 * Acquires a stack, or finds the one that the holder has, regardless of the queue.
 *
 * Three round trips without contention: read, reserve, acquire. The pointer is written before the stack is acquired, so
 * that two requests of one holder go for one stack, and a crash in between leaves a pointer that the next request
 * follows, instead of a stack whose holder does not know about it.
 *
 * Why no holder ever has two stacks, though pointer and stack are two items: every acquisition is conditional on the token
 * that was seen *before* the pointer was set, and a pointer moves on, from the generation that was seen, only after
 * its stack had a different holder, with a higher token. So a process that set the pointer earlier, however late it
 * continues, finds another token and acquires nothing.
 *
 * @param seen a read of the pool that the caller has just done.
 */
export async function acquireStack(deps: StackDeps, request: StackRequest, seen?: Look): Promise<Acquired> {
  const look = () => deps.store.stacks.view(request.project.id, request.branch, request.holder);
  let view = seen ?? (await look());
  for (let looks = 1; ; looks += 1) {
    const result = await acquireFrom(deps, request, view, looks > 1);
    if (result !== 'retry') return result;
    if (looks === maxLooks) return { kind: 'none' };
    view = await look();
  }
}

async function acquireFrom(
  deps: StackDeps,
  request: StackRequest,
  { pool, who }: Look,
  contended: boolean,
): Promise<Acquired | 'retry'> {
  if (isUniqueHolder(request.holder)) return takeAny(deps, request, pool, contended);
  if (who?.closed !== undefined) return { kind: 'closed' };
  if (who?.stackNumber !== undefined) {
    const own = await askAgain(deps, request, who.stackNumber);
    if (own !== 'lost') return own;
  }
  const reserved = await chooseReserved(deps, request, pool, who);
  if (reserved === 'retry') return reserved;
  const choice = reserved ?? (await choose(deps, request, pool, new Set(), contended));
  if (choice.kind === 'none') return choice;
  const pointed = await deps.store.stacks.reserve(request.project.id, request.holder, numberOf(choice), who);
  return (pointed === undefined ? undefined : await take(deps, request, choice)) ?? 'retry';
}

/** The stack that another request of this holder reserved, perhaps before a crash: usable as long as it is free. */
async function chooseReserved(
  deps: StackDeps,
  request: StackRequest,
  pool: PoolView,
  who: HolderRecord | undefined,
): Promise<Exclude<Choice, { kind: 'none' }> | 'retry' | undefined> {
  if (who?.stackNumber === undefined) return undefined;
  if (request.stackNumber !== undefined && request.stackNumber !== who.stackNumber) return undefined;
  const stack = await deps.store.stacks.get(request.project.id, who.stackNumber);
  if (stack?.hold?.holder === request.holder) return 'retry';
  if (stack !== undefined)
    return mayBeTaken(stack, deps.clock.now()) ? { kind: 'take', stack, why: 'branch' } : undefined;
  // It was about to be made, and may be made yet by the one that set the pointer: so it is this one or none.
  const next = pool.highestNumber === undefined ? undefined : pool.highestNumber + 1;
  return next !== undefined && who.stackNumber === next && next <= stackLimitOf(request.project.settings)
    ? { kind: 'create', number: next }
    : undefined;
}

/** A request with a unique holder: it needs no pointer, and does not retry a stack that it lost. */
async function takeAny(
  deps: StackDeps,
  request: StackRequest,
  pool: PoolView,
  contended: boolean,
): Promise<Acquired | 'retry'> {
  const lost = new Set<number>();
  for (;;) {
    const choice = await choose(deps, request, pool, lost, contended || lost.size > 0);
    if (choice.kind === 'none') return lost.size === 0 ? choice : 'retry';
    const taken = await take(deps, request, choice);
    if (taken !== undefined) return taken;
    lost.add(numberOf(choice));
  }
}

async function take(
  deps: StackDeps,
  request: StackRequest,
  choice: Exclude<Choice, { kind: 'none' }>,
): Promise<Acquired | undefined> {
  const { stacks } = deps.store;
  const { project } = request;
  const params = acquireParamsOf(deps, request);
  // The hold that ends by this: rare, so it costs the usual request nothing.
  if (choice.kind === 'take' && choice.stack.hold !== undefined)
    await deps.store.holds.noteEnd(choice.stack, params.now);
  const stack =
    choice.kind === 'take'
      ? await stacks.take(choice.stack, params)
      : await stacks.create(
          project.id,
          choice.number,
          stackNameOf(project.settings.prefix, choice.number),
          params,
        );
  return stack === undefined
    ? undefined
    : { kind: 'held', stack, isNew: choice.kind === 'create', wasHeld: false };
}

/** Follows the holder's pointer: the stack it has, with its lease moved on and its run's turn begun. */
export async function askAgain(
  deps: StackDeps,
  request: StackRequest,
  stackNumber: number,
): Promise<Acquired | 'lost'> {
  const renewed = await deps.store.stacks.renew(
    request.project.id,
    stackNumber,
    acquireParamsOf(deps, request),
  );
  if (renewed === 'lost') return 'lost';
  return renewed === 'busy'
    ? { kind: 'busy', stackNumber }
    : { kind: 'held', stack: renewed, isNew: false, wasHeld: true };
}

async function choose(
  deps: StackDeps,
  request: StackRequest,
  pool: PoolView,
  lost: ReadonlySet<number>,
  contended: boolean,
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
  if (mayBeTaken(stack, now)) return { kind: 'take', stack, why: 'oldest' };
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
  deps: Pick<Deps, 'store' | 'clock'>,
  project: Project,
  number: number,
  runId: RunId,
): Promise<Stack | undefined> {
  const now = deps.clock.now();
  const reclaimAfter = project.settings.reclaimAfterSeconds;
  return deps.store.stacks.leave(
    project.id,
    number,
    runId,
    omitUndefined({
      now,
      reclaimAt: reclaimAfter === undefined ? undefined : later(now, reclaimAfter),
    }),
  );
}
