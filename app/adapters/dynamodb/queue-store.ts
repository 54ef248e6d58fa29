import { LostRace } from '../../core/model/errors.ts';
import type { Holder, ProjectId } from '../../core/model/ids.ts';
import { retryLostRace } from '../../core/model/retry-lost-race.ts';
import type { Ticket } from '../../core/model/stack.ts';
import { omitUndefined } from '../../lib/omit-undefined.ts';
import type { QueueStore } from '../../ports/stack-store.ts';
import type { DynamoTable } from './dynamo-table.ts';
import { toHolderRecord } from './holder-store.ts';
import { counterKey, holderKey, poolPartition, ticketKey } from './keys.ts';
import { ticketAttributes, toTicket } from './ticket-item.ts';

/** The queue: tickets in the pool's partition, in the order of their numbers. */
export function createQueueStore(table: DynamoTable): QueueStore {
  const tickets = (projectId: ProjectId) => ({
    when: '#pk = :pk AND begins_with(#sk, :tickets)',
    values: { ':pk': poolPartition(projectId), ':tickets': 'TICKET#' },
  });

  return {
    async join(ticket) {
      const { projectId, holder } = ticket;
      return retryLostRace(async () => {
        const number = (await numberOf(table, projectId, holder)) ?? (await draw(table, projectId, holder));
        if (number === undefined) throw new LostRace(`the place of ${holder} in the queue was withdrawn`);
        const written = await putTicket(table, { ...ticket, number });
        // Between the two writes another process may have ended this place: then the ticket belongs to no one.
        if ((await numberOf(table, projectId, holder)) === number) return written;
        await table.delete(ticketKey(projectId, number));
        throw new LostRace(`the place of ${holder} in the queue was withdrawn`);
      });
    },

    async leave(projectId, of, ticketNumber) {
      // In this order: see join, which reads the holder after it wrote the ticket.
      await forgetNumber(table, projectId, of, ticketNumber);
      await table.delete(ticketKey(projectId, ticketNumber));
    },

    async list(projectId, limit) {
      return (await table.queryAll({ key: tickets(projectId), limit })).map(toTicket);
    },

    async count(projectId, before) {
      if (before === undefined) return table.count({ key: tickets(projectId) });
      const last = ticketKey(projectId, before - 1).sk;
      const values = { ':pk': poolPartition(projectId), ':first': 'TICKET#', ':last': last };
      return table.count({ key: { when: '#pk = :pk AND #sk BETWEEN :first AND :last', values } });
    },
  };
}

async function numberOf(
  table: DynamoTable,
  projectId: ProjectId,
  holder: Holder,
): Promise<number | undefined> {
  const item = await table.get(holderKey(projectId, holder));
  return item === undefined ? undefined : toHolderRecord(item).ticketNumber;
}

/** Assigns the next number to a holder without one, unless another request of the same holder did so first. */
async function draw(table: DynamoTable, projectId: ProjectId, holder: Holder): Promise<number | undefined> {
  const { tickets } = await table.update(counterKey(projectId), { add: { tickets: 1 } });
  const change = { set: { holder }, setOnce: { ticketNumber: tickets } };
  return toHolderRecord(await table.update(holderKey(projectId, holder), change)).ticketNumber;
}

async function putTicket(table: DynamoTable, ticket: Ticket): Promise<Ticket> {
  const change = {
    set: ticketAttributes(ticket),
    setOnce: omitUndefined({ asked: ticket.asked, round: ticket.round }),
  };
  return toTicket(await table.update(ticketKey(ticket.projectId, ticket.number), change));
}

/** Removes the ticket number from a holder, and deletes the record if nothing else is left in it. */
async function forgetNumber(
  table: DynamoTable,
  projectId: ProjectId,
  of: Holder,
  ticketNumber: number,
): Promise<void> {
  const key = holderKey(projectId, of);
  const hasIt = { when: '#ticketNumber = :number', values: { ':number': ticketNumber } };
  const onlyThat = `${hasIt.when} AND attribute_not_exists(#generation) AND attribute_not_exists(#closed)`;
  if (await table.deleteIf(key, { ...hasIt, when: onlyThat })) return;
  await table.updateIf(key, { set: { ticketNumber: undefined } }, hasIt);
}
