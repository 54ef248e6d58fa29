import { isDeepStrictEqual } from 'node:util';
import { LostRace } from '../../core/model/errors.ts';
import { isUniqueHolder, type ProjectId } from '../../core/model/ids.ts';
import type { PoolView, Stack } from '../../core/model/stack.ts';
import type { DueStackItem, StackStore } from '../../ports/stack-store.ts';
import type { DynamoTable, Item, QueryRequest } from './dynamo-table.ts';
import type { Condition } from './expressions.ts';
import {
  afterTime,
  branchPart,
  dueShards,
  keyOf,
  numberOfDescending,
  poolPartition,
  stackKey,
} from './keys.ts';
import { listDue } from './list-due.ts';
import { readSmallPool } from './small-pool.ts';
import { deletedStack, poolParts, stackAttributes, toStack } from './stack-item.ts';
import { indexes } from './table-definition.ts';
import { toTicket } from './ticket-item.ts';

/**
 * Stacks of the pool's index that a request reads: the first ones are usually enough. A request that lost one to another
 * chooses among more, as do all when none of the first is free.
 */
const page = { first: 4, more: 10 };

/** Stacks: an item each. No read grows with the pool, except the list of all stacks. */
export function createStackStore(table: DynamoTable): StackStore {
  const get = async (projectId: ProjectId, number: number): Promise<Stack | undefined> => {
    const item = await table.get(stackKey(projectId, number));
    return item === undefined || isDeleted(item) ? undefined : toStack(item);
  };

  /** Pools that one query does not read whole. */
  const large = new Set<ProjectId>();

  return {
    get,

    async view(projectId, branch, holder, contended = false) {
      const pk = poolPartition(projectId);
      if (!large.has(projectId)) {
        const pool = await readSmallPool(table, { pk, branch, maxFree: page.more });
        if (pool !== undefined) return pool;
        large.add(projectId);
      }
      const isNamed = holder !== undefined && !isUniqueHolder(holder);
      const [firsts, affine, number] = await Promise.all([
        readPool(table, pk, contended),
        readAffine(table, pk, branch),
        isNamed ? highest(table, pk) : undefined,
      ]);
      // A holder without a record saves a round trip there, and reads the number of a new stack only if it needs one.
      const highestNumber = number ?? (firsts.free.length === 0 ? await highest(table, pk) : undefined);
      return { ...firsts, affine, highestNumber };
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

    async save(next, seen) {
      const key = stackKey(next.projectId, next.number);
      const to = { ...next, revision: (seen?.revision ?? 0) + 1 };
      const { token, ...rest } = stackAttributes(to);
      // Added, not set, at the creation: a deleted stack left its token, and the new one continues from there.
      const change = seen === undefined ? { set: rest, add: { token: 1 } } : { set: { ...rest, token } };
      const written = await table.updateIf(key, change, seen === undefined ? doesNotExist : isSame(seen));
      if (written.done) return toStack(written.item);
      if (written.retried) {
        // An earlier attempt whose answer was lost may have saved it.
        const stored = await get(next.projectId, next.number);
        const ours = stored && stackAttributes(seen === undefined ? { ...to, token: stored.token } : to);
        if (stored !== undefined && isDeepStrictEqual(stackAttributes(stored), ours)) return stored;
      }
      throw new LostRace(`stack ${next.stackName} was changed`);
    },

    async delete(seen) {
      const { projectId, number, token, stackName } = seen;
      const rest = { ...stackKey(projectId, number), kind: deletedStack, token };
      if (!(await table.put(rest, isSame(seen)))) throw new LostRace(`stack ${stackName} was changed`);
    },

    async due(now, limit) {
      const items = await listDue(table, dueShards.stacks, now, limit);
      const current = await table.getAll(items.map(keyOf));
      // The index may lag behind: an item that changed in the meantime is no longer due.
      return current
        .filter((item) => typeof item.dueKey === 'string' && item.dueKey < afterTime(now))
        .map(toDueItem);
    },
  };
}

const doesNotExist: Condition = {
  when: 'attribute_not_exists(#pk) OR #kind = :deleted',
  values: { ':deleted': deletedStack },
};

/** The token and the moment of the last write are compared for processes of version 0.1.0, which count no revisions. */
function isSame({ revision, token, modified }: Stack): Condition {
  const counted = revision === 0 ? 'attribute_not_exists(#revision)' : '#revision = :revision';
  return {
    when: `${counted} AND #token = :token AND #modified = :modified AND #kind = :stack`,
    values: {
      ...(revision === 0 ? {} : { ':revision': revision }),
      ':token': token,
      ':modified': modified,
      ':stack': 'stack',
    },
  };
}

function isDeleted(item: Item): boolean {
  return item.kind === deletedStack;
}

/** An item that cannot be read must not block the others. */
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

/** The first items of the pool's index, and the first stacks if none of them is free. */
async function readPool(
  table: DynamoTable,
  pk: string,
  contended: boolean,
): Promise<Pick<PoolView, 'free' | 'expiring' | 'firstTicket'>> {
  const all = { when: '#pk = :pk', values: { ':pk': pk } };
  const first = await table.query(poolQuery(all, contended ? page.more : page.first));
  const tickets = first.items.filter((item) => item.kind === 'ticket');
  const isFree = (item: Item): boolean => String(item.poolKey).startsWith(poolParts.free);
  let stacks: readonly Item[] = first.items.filter((item) => item.kind !== 'ticket');
  if (first.next !== undefined && !stacks.some(isFree) && !(contended && stacks.length > 0)) {
    const values = { ':pk': pk, ':stacks': poolParts.free };
    const key = { when: '#pk = :pk AND #poolKey >= :stacks', values };
    stacks = (await table.query(poolQuery(key, page.more))).items;
  }
  return {
    firstTicket: tickets[0] === undefined ? undefined : toTicket(tickets[0]),
    free: stacks.filter(isFree).map(toStack),
    expiring: stacks.filter((item) => !isFree(item)).map(toStack),
  };
}

function poolQuery(key: QueryRequest['key'], limit: number): QueryRequest {
  return { index: indexes.pool.name, key, limit };
}

/** The available stack that last had the branch; of several, the most recently requested one. */
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
