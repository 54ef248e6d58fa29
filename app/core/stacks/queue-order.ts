import type { StoreDeps } from '../deps.ts';
import type { Project } from '../model/project.ts';
import type { Ticket } from '../model/stack.ts';

type QueueDeps = StoreDeps;

/** Tickets that a fair order considers. Those after them wait until the queue is shorter. */
const longestFairQueue = 1000;

/**
 * Returns the first tickets in the order in which they are served: first come, first served, or in rounds in which each author has
 * one ticket (`queue: fair`).
 */
export async function listQueue(
  { store }: QueueDeps,
  { id, settings }: Project,
  limit: number,
): Promise<readonly Ticket[]> {
  if (settings.queue !== 'fair') return store.queue.list(id, limit);
  const tickets = await store.queue.list(id, longestFairQueue);
  return [...tickets].sort(compareTickets).slice(0, limit);
}

/** Returns the position of a ticket in the queue; 1 is the first. */
export async function positionOf(
  deps: QueueDeps,
  project: Project,
  ticket: Pick<Ticket, 'number'>,
): Promise<number> {
  if (project.settings.queue !== 'fair') return (await deps.store.queue.count(project.id, ticket.number)) + 1;
  const tickets = await listQueue(deps, project, longestFairQueue);
  const index = tickets.findIndex(({ number }) => number === ticket.number);
  return (index === -1 ? tickets.length : index) + 1;
}

/**
 * Returns the round of a new ticket: the one after its author's last, and never one that is over. So an author's twentieth ticket
 * waits for nineteen rounds, and another author's first ticket only for the round that is being served.
 */
export async function roundOf({ store }: QueueDeps, { id, settings }: Project, author: string) {
  if (settings.queue !== 'fair') return undefined;
  const tickets = await store.queue.list(id, longestFairQueue);
  const own = tickets.filter((ticket) => authorOf(ticket) === author).map(({ round = 0 }) => round);
  const current = tickets.length === 0 ? 0 : Math.min(...tickets.map(({ round = 0 }) => round));
  return own.length === 0 ? current : Math.max(...own) + 1;
}

/** Negative if the first is served first. */
export function compareTickets(one: Ticket, other: Ticket): number {
  return (one.round ?? 0) - (other.round ?? 0) || one.number - other.number;
}

/** The author of a request, otherwise its holder. */
function authorOf(ticket: Pick<Ticket, 'author' | 'holder'>): string {
  return ticket.author ?? ticket.holder;
}
