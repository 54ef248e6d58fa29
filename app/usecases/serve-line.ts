import type { Project } from '../domain/project.ts';
import type { Ticket } from '../domain/stack.ts';
import { acquireStack, type StackRequest } from './acquire-stack.ts';
import type { Deps } from './deps.ts';

export type LineDeps = Pick<Deps, 'store' | 'clock' | 'ids' | 'lookAgain' | 'events'>;

/** Tickets served in one go; more are served by the next call, which the next release or the sweep makes. */
const batch = 25;

/**
 * Gives free stacks to those who wait, in the order in which they came. May be called by anybody at any time, twice
 * at once: who is served is served once, since taking is conditional and a holder has one pointer.
 */
export async function serveLine(deps: LineDeps, project: Project): Promise<void> {
  let exhausted = false;
  for (const ticket of await deps.store.stacks.line(project.id, batch)) {
    if (ticket.expires <= deps.clock.now()) {
      await leaveLine(deps, ticket);
      continue;
    }
    // Who waits for one certain stack neither holds up nor is held up by those who take any.
    if (exhausted && ticket.stackNumber === undefined) continue;
    const result = await acquireStack(deps, requestOf(project, ticket));
    if (result.kind === 'none') {
      if (ticket.stackNumber === undefined) exhausted = true;
      continue;
    }
    await leaveLine(deps, ticket);
    if (result.kind === 'held' && !result.wasHeld)
      await deps.events.publish({ type: 'StackHeld', stack: result.stack });
    if (ticket.runId !== undefined) await deps.lookAgain(ticket.runId);
  }
}

function requestOf(project: Project, ticket: Ticket): StackRequest {
  return {
    project,
    holder: ticket.holder,
    branch: ticket.branch,
    ...(ticket.stackNumber === undefined ? {} : { stackNumber: ticket.stackNumber }),
    ...(ticket.leaseSeconds === undefined ? {} : { leaseSeconds: ticket.leaseSeconds }),
  };
}

function leaveLine(deps: LineDeps, ticket: Ticket): Promise<void> {
  return deps.store.stacks.dequeue(ticket.projectId, ticket.holder, ticket.number);
}
