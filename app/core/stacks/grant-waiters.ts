import { omitUndefined } from '../../lib/omit-undefined.ts';
import type { Deps } from '../deps.ts';
import type { Project } from '../model/project.ts';
import { isSameRequest, mayBeTornDown, type Stack, type Ticket } from '../model/stack.ts';
import { acquireStack, type StackRequest } from './acquire-stack.ts';
import { explainsTicket } from './explain-hold.ts';
import { listQueue } from './queue-order.ts';
import { endHold } from './tear-down-stack.ts';

export type LineDeps = Pick<Deps, 'store' | 'clock' | 'ids' | 'enqueue' | 'events' | 'policy' | 'log'>;

/** Tickets served in one call. The next release or sweep serves more. */
const batch = 25;

/**
 * Grants free stacks to waiting holders, in the order of the queue. May run at any time, also twice in parallel: each
 * holder gets one stack, because the acquisition is conditional and a holder has one pointer.
 */
export async function grantWaiters(deps: LineDeps, project: Project): Promise<void> {
  let exhausted = false;
  for (const ticket of await listQueue(deps, project, batch)) {
    // Tickets for a particular stack and tickets for any stack do not block each other.
    if (exhausted && ticket.stackNumber === undefined) continue;
    if (!(await explainsTicket(deps, ticket))) {
      await leaveLine(deps, ticket);
      continue;
    }
    const result = await acquireStack(deps, requestOf(deps, project, ticket));
    if (result.kind === 'none') {
      if (ticket.stackNumber === undefined) exhausted = true;
      if (result.tearDown !== undefined) await evictIdle(deps, project, result.tearDown);
      continue;
    }
    await leaveLine(deps, ticket);
    if (result.kind === 'held' && !result.wasHeld) {
      if (await isHolderClosed(deps, project, ticket, result.stack)) continue;
      await deps.events.publish({ type: 'StackHeld', stack: result.stack });
    }
    if (ticket.runId !== undefined) await deps.enqueue(ticket.runId);
  }
}

/**
 * Releases a stack whose run ended, or whose pull request was closed, after the ticket was read and before the stack
 * was acquired: nothing else would release it soon. After a crash in between, the sweep finds the hold.
 */
async function isHolderClosed(
  deps: LineDeps,
  project: Project,
  ticket: Ticket,
  stack: Stack,
): Promise<boolean> {
  const [record, isExplained] = await Promise.all([
    deps.store.holders.get(stack.projectId, ticket.holder),
    explainsTicket(deps, ticket),
  ]);
  if (record?.closed === undefined && isExplained) return false;
  const mayEnd = (current: Stack): boolean => isSameRequest(current, stack);
  return (await endHold(deps, project, stack, omitUndefined({ mayEnd, record }))) !== undefined;
}

/**
 * A stack that has been idle for long, or whose lease has expired, is torn down for those who wait: one of them at a
 * time, because each may be for the same ticket.
 */
export async function evictIdle(deps: LineDeps, project: Project, stack: Stack): Promise<void> {
  const pool = await deps.store.stacks.list(project.id);
  if (pool.some(({ hold }) => hold?.teardownOf !== undefined)) return;
  await endHold(deps, project, stack, { mayEnd: (current) => mayBeTornDown(current, deps.clock.now()) });
}

/**
 * A client gets a short lease that its next request replaces with the requested lease, so that one that died while it waited
 * loses the stack again.
 */
function requestOf(deps: LineDeps, project: Project, ticket: Ticket): StackRequest {
  const { ticketSeconds } = deps.policy;
  const ofClient = Math.min(ticket.leaseSeconds ?? ticketSeconds, ticketSeconds);
  return omitUndefined({
    project,
    holder: ticket.holder,
    branch: ticket.branch,
    stackNumber: ticket.stackNumber,
    leaseSeconds: ticket.runId === undefined ? ofClient : ticket.leaseSeconds,
  });
}

function leaveLine(deps: LineDeps, ticket: Ticket): Promise<void> {
  return deps.store.queue.leave(ticket.projectId, ticket.holder, ticket.number);
}
