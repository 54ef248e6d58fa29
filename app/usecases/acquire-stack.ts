import { type Holder, isUniqueHolder, type RunId } from '../domain/ids.ts';
import type { Project } from '../domain/project.ts';
import {
  type Choice,
  chooseStack,
  hasLapsed,
  isAvailable,
  isReclaimable,
  type PoolView,
  type Stack,
  stackNameOf,
} from '../domain/stack.ts';
import type { HolderRecord, Taking, Turn } from '../ports/store.ts';
import { type Deps, later } from './deps.ts';

/** What somebody wants of a project's stacks. */
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
  | { readonly kind: 'none' };

/** One look at the pool and at the holder. */
export interface Look {
  readonly pool: PoolView;
  readonly who: HolderRecord | undefined;
}

export type StackDeps = Pick<Deps, 'store' | 'clock' | 'ids'>;

/** A pool changes under our eyes; after this many looks there is nothing to be had. */
const maxLooks = 12;
const yearSeconds = 365 * 24 * 3600;

/**
 * Takes a stack, or finds the one that the holder has, whoever waits in line.
 *
 * Three round trips where nobody contends: look, point, take. The pointer is written before the stack is taken, so
 * that two requests of one holder go for one stack, and a crash in between leaves a pointer that the next request
 * follows, instead of a stack that nobody knows to be held.
 *
 * @param seen a look at the pool that the caller has taken just now.
 */
export async function acquireStack(deps: StackDeps, request: StackRequest, seen?: Look): Promise<Acquired> {
  const look = () => deps.store.stacks.view(request.project.id, request.branch, request.holder);
  let view = seen ?? (await look());
  for (let looks = 1; ; looks += 1) {
    const { pool, who } = view;
    if (who?.closed !== undefined) return { kind: 'closed' };
    const own = who?.stackNumber === undefined ? 'lost' : await askAgain(deps, request, who.stackNumber);
    if (own !== 'lost') return own;
    const result = await takeFrom(deps, request, pool, who?.stackNumber);
    if (result !== 'look again') return result;
    if (looks === maxLooks) return { kind: 'none' };
    view = await look();
  }
}

/** Follows the holder's pointer: the stack it has, with its lease moved on and its run's turn begun. */
export async function askAgain(
  deps: StackDeps,
  request: StackRequest,
  stackNumber: number,
): Promise<Acquired | 'lost'> {
  const renewed = await deps.store.stacks.renew(request.project.id, stackNumber, takingOf(deps, request));
  if (renewed === 'lost') return 'lost';
  return renewed === 'busy'
    ? { kind: 'busy', stackNumber }
    : { kind: 'held', stack: renewed, isNew: false, wasHeld: true };
}

/** Tries the stacks of one look, in order, until one is taken. */
async function takeFrom(
  deps: StackDeps,
  request: StackRequest,
  pool: PoolView,
  pointedAt: number | undefined,
): Promise<Acquired | 'look again'> {
  const { stacks } = deps.store;
  const { project, holder } = request;
  const lost = new Set<number>();
  let pointer = pointedAt;
  for (;;) {
    const choice = await choose(deps, request, pool, lost);
    if (choice.kind === 'none') return lost.size === 0 ? { kind: 'none' } : 'look again';
    const number = choice.kind === 'take' ? choice.stack.number : choice.number;

    if (!isUniqueHolder(holder)) {
      const record = await stacks.point(project.id, holder, number, pointer);
      if (record.closed !== undefined) return { kind: 'closed' };
      // Another request of this holder was quicker: the stack that it goes for is ours as well.
      if (record.stackNumber !== number) return 'look again';
      pointer = number;
    }
    const taking = takingOf(deps, request);
    const taken =
      choice.kind === 'take'
        ? await stacks.take(choice.stack, taking)
        : await stacks.create(project.id, number, stackNameOf(project.settings.prefix, number), taking);
    if (taken !== undefined)
      return { kind: 'held', stack: taken, isNew: choice.kind === 'create', wasHeld: false };

    const own = isUniqueHolder(holder) ? 'lost' : await askAgain(deps, request, number);
    if (own !== 'lost') return own;
    lost.add(number);
  }
}

async function choose(
  deps: StackDeps,
  request: StackRequest,
  pool: PoolView,
  lost: ReadonlySet<number>,
): Promise<Choice> {
  const { project, stackNumber } = request;
  const now = deps.clock.now();
  if (stackNumber === undefined) {
    return chooseStack(pool, { maxStacks: project.settings.maxStacks, now, lost, spread: deps.ids.chance() });
  }
  const stack = lost.has(stackNumber) ? undefined : await deps.store.stacks.get(project.id, stackNumber);
  return stack !== undefined && (isAvailable(stack) || hasLapsed(stack, now) || isReclaimable(stack, now))
    ? { kind: 'take', stack, why: 'oldest' }
    : { kind: 'none' };
}

function takingOf(deps: StackDeps, request: StackRequest): Taking {
  const now = deps.clock.now();
  const reclaimAfter = request.project.settings.reclaimAfterSeconds;
  const turnSeconds = request.turn === undefined ? 0 : (request.turnSeconds ?? 0);
  const leaseUntil = request.leaseSeconds === undefined ? undefined : later(now, request.leaseSeconds);
  return {
    holder: request.holder,
    branch: request.branch,
    now,
    ...(leaseUntil === undefined ? {} : { leaseUntil }),
    ...(reclaimAfter === undefined ? {} : { reclaimAt: later(now, reclaimAfter + turnSeconds) }),
    ...(request.turn === undefined ? {} : { turn: request.turn }),
    checkAt: leaseUntil ?? later(now, checkSeconds(request.holder)),
  };
}

/** A run's hold is looked after soon, since the run may have died; a hold whose owner we do not know is left alone. */
function checkSeconds(holder: Holder): number {
  if (holder.startsWith('run:')) return 600;
  return holder.startsWith('pr:') || holder.startsWith('branch:') ? 3600 : yearSeconds;
}

/** Ends a run's turn on a stack; its holder keeps the stack. */
export function leaveStack(
  deps: StackDeps,
  project: Project,
  number: number,
  runId: RunId,
): Promise<Stack | undefined> {
  const now = deps.clock.now();
  const reclaimAfter = project.settings.reclaimAfterSeconds;
  return deps.store.stacks.leave(project.id, number, runId, {
    now,
    ...(reclaimAfter === undefined ? {} : { reclaimAt: later(now, reclaimAfter) }),
  });
}
