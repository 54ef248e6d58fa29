import { omitUndefined } from '../../lib/omit-undefined.ts';
import type { Deps } from '../deps.ts';
import type { Project } from '../model/project.ts';
import type { Stack, Ticket } from '../model/stack.ts';
import { acquireStack, type StackRequest } from './acquire-stack.ts';
import { explainsTicket } from './explain-hold.ts';
import { beginTeardown } from './tear-down-stack.ts';

export type LineDeps = Pick<Deps, 'store' | 'clock' | 'ids' | 'enqueue' | 'events' | 'policy'>;

/** Tickets served in one go; more are served by the next call, which the next release or the sweep makes. */
const batch = 25;

/**
 * Grants free stacks to waiting holders, in the order of the queue. May run at any time, also twice in parallel: each
 * holder gets one stack, because the acquisition is conditional and a holder has one pointer.
 */
export async function grantWaiters(deps: LineDeps, project: Project): Promise<void> {
  let exhausted = false;
  for (const ticket of await deps.store.stacks.line(project.id, batch)) {
    // Who waits for one certain stack neither holds up nor is held up by those who take any.
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
      if (await isHolderClosed(deps, ticket, result.stack)) continue;
      await deps.events.publish({ type: 'StackHeld', stack: result.stack });
    }
    if (ticket.runId !== undefined) await deps.enqueue(ticket.runId);
  }
}

/**
 * Releases a stack whose run ended, or whose pull request was closed, after the ticket was looked at and before the stack
 * was taken: nothing would come for it. After a crash in between, the sweep finds the hold.
 */
async function isHolderClosed(deps: LineDeps, ticket: Ticket, stack: Stack): Promise<boolean> {
  const [record, isExplained] = await Promise.all([
    deps.store.stacks.readHolder(stack.projectId, ticket.holder),
    explainsTicket(deps, ticket),
  ]);
  if (record?.closed === undefined && isExplained) return false;
  return deps.store.stacks.release(stack, deps.clock.now(), { unchanged: true });
}

/**
 * A stack that has been idle for long, or whose lease has expired, is torn down for those who wait: one of them at a
 * time, since each may have been meant for the same one in line.
 */
export async function evictIdle(deps: LineDeps, project: Project, stack: Stack): Promise<void> {
  const [wanted] = stack.teardowns ?? [];
  const pool = await deps.store.stacks.list(project.id);
  if (wanted === undefined || pool.some(({ hold }) => hold?.teardownOf !== undefined)) return;
  const before =
    stack.hold === undefined ? undefined : await deps.store.stacks.readHolder(project.id, stack.hold.holder);
  const begun = await beginTeardown(deps, project, stack, wanted, { overdue: true });
  if (begun && before?.stackNumber === stack.number) await deps.store.stacks.unreserve(project.id, before);
}

/** A client gets a lease that its next request confirms, so that one that died while it waited loses the stack again. */
function requestOf(deps: LineDeps, project: Project, ticket: Ticket): StackRequest {
  const unconfirmedSeconds = ticket.runId === undefined ? deps.policy.ticketSeconds : undefined;
  return omitUndefined({
    project,
    holder: ticket.holder,
    branch: ticket.branch,
    stackNumber: ticket.stackNumber,
    leaseSeconds: ticket.leaseSeconds ?? unconfirmedSeconds,
  });
}

function leaveLine(deps: LineDeps, ticket: Ticket): Promise<void> {
  return deps.store.stacks.dequeue(ticket.projectId, ticket.holder, ticket.number);
}
