import type { PoolView } from '../../core/model/stack.ts';
import type { DynamoTable, Item } from './dynamo-table.ts';
import { branchPart, numberOfDescending } from './keys.ts';
import { poolParts, toStack } from './stack-item.ts';
import { toTicket } from './ticket-item.ts';

/** Items that one query reads for less than the three queries of the indexes cost. */
const maxItems = 25;

/**
 * Reads a whole pool by one query of the table, and sorts it as the local indexes do.
 *
 * @param maxFree stacks to return, as from one page of the index.
 * @returns undefined if the pool is larger.
 */
export async function readSmallPool(
  table: DynamoTable,
  { pk, branch, maxFree }: { readonly pk: string; readonly branch: string; readonly maxFree: number },
): Promise<PoolView | undefined> {
  const key = { when: '#pk = :pk', values: { ':pk': pk } };
  const { items, next } = await table.query({ key, limit: maxItems + 1 });
  if (next !== undefined || items.length > maxItems) return undefined;
  const pool = sortedBy(items, 'poolKey');
  const stacks = pool.filter(({ kind }) => kind !== 'ticket').slice(0, maxFree);
  const ticket = pool.find(({ kind }) => kind === 'ticket');
  const affine = sortedBy(items, 'affinityKey', `${branchPart(branch)}#`)[0];
  const newest = sortedBy(items, 'liveKey')[0];
  const isFree = (item: Item): boolean => String(item.poolKey).startsWith(poolParts.free);
  return {
    firstTicket: ticket && toTicket(ticket),
    free: stacks.filter(isFree).map(toStack),
    expiring: stacks.filter((item) => !isFree(item)).map(toStack),
    affine: affine && toStack(affine),
    highestNumber: newest === undefined ? 0 : numberOfDescending(String(newest.liveKey)),
  };
}

/** The items of an index: those that have its key, in its order. */
function sortedBy(items: readonly Item[], name: string, prefix = ''): readonly Item[] {
  const keyOf = (item: Item): string => String(item[name]);
  return items
    .filter((item) => typeof item[name] === 'string' && keyOf(item).startsWith(prefix))
    .sort((one, other) => (keyOf(one) < keyOf(other) ? -1 : 1));
}
