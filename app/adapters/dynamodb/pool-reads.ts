import { isUniqueHolder, type ProjectId } from '../../core/model/ids.ts';
import type { PoolView, Stack } from '../../core/model/stack.ts';
import type { DueStackItem, StackStore } from '../../ports/stack-store.ts';
import type { DynamoTable, Item, QueryRequest } from './dynamo-table.ts';
import { toHolderRecord } from './holder-store.ts';
import {
  afterTime,
  branchPart,
  dueShards,
  holderKey,
  type Key,
  numberOfDescending,
  poolPartition,
  stackKey,
} from './keys.ts';
import { deletedStack, poolParts, toStack } from './stack-item.ts';
import { indexes } from './table-definition.ts';
import { toTicket } from './ticket-item.ts';

export type PoolReads = Pick<StackStore, 'view' | 'get' | 'list' | 'last' | 'due'>;

/** Enough that racers who each take another stack of the page rarely meet; each one more costs in every request. */
const pageSize = 10;

/** Reads of a project's pool. None of them grows with the pool, but the list of all stacks. */
export function createPoolReads(table: DynamoTable): PoolReads {
  const get = async (projectId: ProjectId, number: number): Promise<Stack | undefined> => {
    const item = await table.get(stackKey(projectId, number));
    return item === undefined || isDeleted(item) ? undefined : toStack(item);
  };

  return {
    get,

    async view(projectId, branch, who) {
      const pk = poolPartition(projectId);
      const isNamed = who !== undefined && !isUniqueHolder(who);
      const [firsts, affine, number, record] = await Promise.all([
        readPool(table, pk),
        readAffine(table, pk, branch),
        isNamed ? highest(table, pk) : undefined,
        isNamed ? table.get(holderKey(projectId, who)) : undefined,
      ]);
      // Who has no name needs no pointer either, and so has a round trip left to find a number for a new stack.
      const highestNumber = number ?? (firsts.free.length === 0 ? await highest(table, pk) : undefined);
      return {
        pool: { ...firsts, affine, highestNumber },
        who: record === undefined ? undefined : toHolderRecord(record),
      };
    },

    async list(projectId) {
      const items = await table.queryAll({
        key: {
          when: '#pk = :pk AND begins_with(#sk, :stacks)',
          values: { ':pk': poolPartition(projectId), ':stacks': 'STACK#' },
        },
      });
      return items.filter((item) => !isDeleted(item)).map(toStack);
    },

    async last(projectId) {
      const number = await highest(table, poolPartition(projectId));
      return number === 0 ? undefined : get(projectId, number);
    },

    async due(now, limit) {
      const items = await table.queryAll({
        index: indexes.due.name,
        key: {
          when: '#dueShard = :shard AND #dueKey < :end',
          values: { ':shard': dueShards.stacks, ':end': afterTime(now) },
        },
        limit,
      });
      const keys = items.map((item): Key => ({ pk: String(item.pk), sk: String(item.sk) }));
      const current = await table.getAll(keys);
      // The index may lag behind: an item that changed in the meantime is not due any more.
      return current
        .filter((item) => typeof item.dueKey === 'string' && item.dueKey < afterTime(now))
        .map(toDueItem);
    },
  };
}

function isDeleted(item: Item): boolean {
  return item.kind === deletedStack;
}

/** One that cannot be read must not keep the others from being looked at. */
function toDueItem(item: Item): DueStackItem {
  try {
    return item.kind === 'ticket'
      ? { kind: 'ticket', ticket: toTicket(item) }
      : { kind: 'stack', stack: toStack(item) };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return { kind: 'unreadable', key: `${String(item.pk)} ${String(item.sk)}`, error };
  }
}

/** The first page of the pool, and a second one if tickets fill the first. */
async function readPool(
  table: DynamoTable,
  pk: string,
): Promise<Pick<PoolView, 'free' | 'expiring' | 'firstTicket'>> {
  const first = await table.query(poolQuery({ when: '#pk = :pk', values: { ':pk': pk } }));
  const tickets = first.items.filter((item) => item.kind === 'ticket');
  const stacks =
    tickets.length < first.items.length || first.next === undefined
      ? first.items.filter((item) => item.kind !== 'ticket')
      : await readStacksOfPool(table, pk);
  const isFree = (item: Item): boolean => String(item.poolKey).startsWith(poolParts.free);
  return {
    firstTicket: tickets[0] === undefined ? undefined : toTicket(tickets[0]),
    free: stacks.filter(isFree).map(toStack),
    expiring: stacks.filter((item) => !isFree(item)).map(toStack),
  };
}

async function readStacksOfPool(table: DynamoTable, pk: string): Promise<readonly Item[]> {
  const values = { ':pk': pk, ':stacks': poolParts.free };
  return (await table.query(poolQuery({ when: '#pk = :pk AND #poolKey >= :stacks', values }))).items;
}

function poolQuery(key: QueryRequest['key']): QueryRequest {
  return { index: indexes.pool.name, key, limit: pageSize };
}

/** The available stack that had the branch last: the one requested last of several, as the closest to the branch. */
async function readAffine(table: DynamoTable, pk: string, branch: string): Promise<Stack | undefined> {
  const { items } = await table.query({
    index: indexes.affinity.name,
    key: {
      when: '#pk = :pk AND begins_with(#affinityKey, :branch)',
      values: { ':pk': pk, ':branch': `${branchPart(branch)}#` },
    },
    limit: 1,
  });
  return items[0] === undefined ? undefined : toStack(items[0]);
}

async function highest(table: DynamoTable, pk: string): Promise<number> {
  const { items } = await table.query({
    index: indexes.live.name,
    key: { when: '#pk = :pk', values: { ':pk': pk } },
    limit: 1,
  });
  return items[0] === undefined ? 0 : numberOfDescending(String(items[0].liveKey));
}
