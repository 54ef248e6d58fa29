import { z } from 'zod';
import { projectId, runId, storedHolder } from '../../core/model/ids.ts';
import type { Ticket } from '../../core/model/stack.ts';
import type { Item } from './dynamo-table.ts';
import { dueShards, keyPart, ticketDigits, timeKey } from './keys.ts';
import { currentVersion, migrate, versionAttribute } from './migrations.ts';
import { parseItem, storedDate } from './parse-item.ts';
import { poolParts } from './stack-item.ts';

const ticketItemSchema = z.object({
  kind: z.literal('ticket'),
  projectId: z.string().transform(projectId),
  number: z.number().int().positive(),
  holder: z.string().transform(storedHolder),
  branch: z.string(),
  stackNumber: z.number().int().nonnegative().exactOptional(),
  leaseSeconds: z.number().exactOptional(),
  runId: z.string().transform(runId).exactOptional(),
  author: z.string().exactOptional(),
  round: z.number().int().nonnegative().exactOptional(),
  asked: storedDate,
  expires: storedDate,
});

export function toTicket(item: Item): Ticket {
  const { kind: _, ...ticket } = parseItem(ticketItemSchema, migrate('ticket', item));
  return ticket;
}

/** The fields of a ticket that later requests may change. */
export function ticketAttributes(ticket: Omit<Ticket, 'asked' | 'round'>): Record<string, unknown> {
  const digits = ticketDigits(ticket.number);
  return {
    kind: 'ticket',
    [versionAttribute]: currentVersion('ticket'),
    projectId: ticket.projectId,
    number: ticket.number,
    holder: ticket.holder,
    branch: ticket.branch,
    stackNumber: ticket.stackNumber,
    leaseSeconds: ticket.leaseSeconds,
    runId: ticket.runId,
    author: ticket.author,
    expires: ticket.expires,
    // A holder that waits for a particular stack blocks no one, so reads of the pool ignore the ticket.
    poolKey: ticket.stackNumber === undefined ? poolParts.tickets + digits : undefined,
    dueShard: dueShards.stacks,
    dueKey: timeKey(ticket.expires, keyPart(ticket.projectId), `TICKET-${digits}`),
  };
}
