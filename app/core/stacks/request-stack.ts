import { later } from '../../lib/later.ts';
import { omitUndefined } from '../../lib/omit-undefined.ts';
import type { Deps } from '../deps.ts';
import type { HolderRecord } from '../model/hold.ts';
import type { RunId } from '../model/ids.ts';
import type { Stack, Ticket } from '../model/stack.ts';
import { refuseSuspended } from '../projects/project-of.ts';
import { type Acquired, acquireStack, findOwnStack, type StackRequest } from './acquire-stack.ts';
import { evictIdle, grantWaiters, type LineDeps } from './grant-waiters.ts';
import { compareTickets, listQueue, positionOf, roundOf } from './queue-order.ts';

export type StackAnswer =
  | { readonly kind: 'held'; readonly stack: Stack; readonly isNew: boolean }
  /** The position in the queue; 1 is the first. */
  | { readonly kind: 'waiting'; readonly position: number }
  /** No stack is free and the request does not wait. The position that it would have had. */
  | { readonly kind: 'none'; readonly position: number }
  | { readonly kind: 'busy'; readonly stackNumber: number }
  | { readonly kind: 'closed' };

export interface WaitableRequest extends StackRequest {
  /** Join the queue if no stack is free. */
  readonly wait: boolean;
  /** The person or key that caused the request, for a fair queue. If omitted, the holder. */
  readonly author?: string;
  /** The run to wake when it is its turn. */
  readonly runId?: RunId;
}

export type RequestDeps = LineDeps & Pick<Deps, 'serialize'>;

/**
 * Requests a stack for a branch, in the order of DESIGN, "Stacks": the holder's own, the branch's last, the one
 * requested longest ago, a new one, or a ticket. A repeated request only renews the lease.
 *
 * @throws BerthError `project_suspended`.
 */
export function requestStack(deps: RequestDeps, request: WaitableRequest): Promise<StackAnswer> {
  return deps.serialize(request.project.id, () => requestOnce(deps, request));
}

async function requestOnce(deps: RequestDeps, request: WaitableRequest): Promise<StackAnswer> {
  const { queue } = deps.store;
  const { project, holder } = request;
  // A run has its own check, and the teardown of a suspended project runs.
  if (request.runId === undefined) refuseSuspended(project);
  const first = await acquireInOrder(deps, request);
  if (first.kind === 'held' && !first.wasHeld)
    await deps.events.publish({ type: 'StackHeld', stack: first.stack });
  if (first.kind !== 'none') return first;
  if (!request.wait && first.tearDown !== undefined) await evictIdle(deps, project, first.tearDown);
  if (!request.wait) return { kind: 'none', position: (await queue.count(project.id)) + 1 };

  const ticket = await queue.join(await ticketOf(deps, request));
  // A stack that became free between the read and the ticket would otherwise wait for the next release.
  await grantWaiters(deps, project);
  const { answer } = await findOwnStack(deps, request);
  if (answer !== undefined && answer.kind !== 'none') {
    await queue.leave(project.id, holder, ticket.number);
    return answer;
  }
  return { kind: 'waiting', position: await positionOf(deps, project, ticket) };
}

/** Acquires a stack unless others are first. The holder keeps a stack that it already has. */
async function acquireInOrder(deps: LineDeps, request: StackRequest): Promise<Acquired> {
  const { stacks, queue } = deps.store;
  const { project, holder } = request;
  const own = await findOwnStack(deps, request);
  let { answer } = own;
  if (answer === undefined) {
    const pool = await stacks.view(project.id, request.branch, holder);
    if (pool.firstTicket !== undefined && (await othersCameBefore(deps, request, own.record)))
      return { kind: 'none' };
    answer = await acquireStack(deps, request, { ...own, pool });
  }
  const ticketNumber = own.record?.ticketNumber;
  if (answer.kind !== 'none' && ticketNumber !== undefined)
    await queue.leave(project.id, holder, ticketNumber);
  return answer;
}

async function othersCameBefore(
  deps: LineDeps,
  request: StackRequest,
  record: HolderRecord | undefined,
): Promise<boolean> {
  const now = deps.clock.now();
  const line = await listQueue(deps, request.project, 25);
  const own = line.find(({ number }) => number === record?.ticketNumber);
  return line.some(
    (ticket) =>
      ticket.expires > now &&
      (ticket.stackNumber === undefined || ticket.stackNumber === request.stackNumber) &&
      (own === undefined || compareTickets(ticket, own) < 0),
  );
}

async function ticketOf(
  deps: Pick<Deps, 'store' | 'clock' | 'policy'>,
  request: WaitableRequest,
): Promise<Omit<Ticket, 'number'>> {
  const now = deps.clock.now();
  return omitUndefined({
    projectId: request.project.id,
    holder: request.holder,
    branch: request.branch,
    stackNumber: request.stackNumber,
    leaseSeconds: request.leaseSeconds,
    runId: request.runId,
    author: request.author,
    round: await roundOf(deps, request.project, request.author ?? request.holder),
    asked: now,
    expires: later(now, deps.policy.ticketSeconds),
  });
}
