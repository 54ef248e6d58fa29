import type { Holder, ProjectId } from '../../core/model/ids.ts';
import type { Ticket } from '../../core/model/stack.ts';
import type { StackStore } from '../../ports/stack-store.ts';
import type { DynamoTable } from './dynamo-table.ts';
import { toHolderRecord } from './holder-store.ts';
import { counterKey, holderKey, poolPartition, ticketKey } from './keys.ts';
import { retryOnConflict } from './retry-on-conflict.ts';
import { ticketAttributes, toTicket } from './ticket-item.ts';

export type LineStore = Pick<StackStore, 'enqueue' | 'dequeue' | 'line' | 'countBefore' | 'countWaiting'>;

/** The waiting line: tickets in the pool's partition, in the order of their numbers. */
export function createLineStore(table: DynamoTable): LineStore {
  const tickets = (projectId: ProjectId) => ({
    when: '#pk = :pk AND begins_with(#sk, :tickets)',
    values: { ':pk': poolPartition(projectId), ':tickets': 'TICKET#' },
  });

  return {
    async enqueue(ticket) {
      const { projectId, holder } = ticket;
      return retryOnConflict(async () => {
        const number = (await numberOf(table, projectId, holder)) ?? (await draw(table, projectId, holder));
        if (number === undefined) return 'again';
        const written = await putTicket(table, { ...ticket, number });
        // Between the two writes another process may have ended this place: then the ticket belongs to no one.
        if ((await numberOf(table, projectId, holder)) === number) return written;
        await table.delete(ticketKey(projectId, number));
        return 'again';
      });
    },

    async dequeue(projectId, who, ticketNumber) {
      // In this order: see enqueue, which looks at the holder after it wrote the ticket.
      await forgetNumber(table, projectId, who, ticketNumber);
      await table.delete(ticketKey(projectId, ticketNumber));
    },

    async line(projectId, limit) {
      return (await table.queryAll({ key: tickets(projectId), limit })).map(toTicket);
    },

    async countBefore(projectId, ticketNumber) {
      const last = ticketKey(projectId, ticketNumber - 1).sk;
      const values = { ':pk': poolPartition(projectId), ':first': 'TICKET#', ':last': last };
      return table.count({ key: { when: '#pk = :pk AND #sk BETWEEN :first AND :last', values } });
    },

    async countWaiting(projectId) {
      return table.count({ key: tickets(projectId) });
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

/** The next number, for a holder that has none: unless another request of the same holder was quicker. */
async function draw(table: DynamoTable, projectId: ProjectId, holder: Holder): Promise<number | undefined> {
  const { tickets } = await table.update(counterKey(projectId), { add: { tickets: 1 } });
  const change = { set: { holder }, setOnce: { ticketNumber: tickets } };
  return toHolderRecord(await table.update(holderKey(projectId, holder), change)).ticketNumber;
}

async function putTicket(table: DynamoTable, ticket: Ticket): Promise<Ticket> {
  const change = { set: ticketAttributes(ticket), setOnce: { asked: ticket.asked.toISOString() } };
  return toTicket(await table.update(ticketKey(ticket.projectId, ticket.number), change));
}

/** Takes its ticket's number from a holder, and the item of one that is known for nothing else. */
async function forgetNumber(
  table: DynamoTable,
  projectId: ProjectId,
  who: Holder,
  ticketNumber: number,
): Promise<void> {
  const key = holderKey(projectId, who);
  const hasIt = { when: '#ticketNumber = :number', values: { ':number': ticketNumber } };
  const onlyThat = `${hasIt.when} AND attribute_not_exists(#generation) AND attribute_not_exists(#closed)`;
  if (await table.deleteIf(key, { ...hasIt, when: onlyThat })) return;
  await table.updateIf(key, { set: { ticketNumber: undefined } }, hasIt);
}
