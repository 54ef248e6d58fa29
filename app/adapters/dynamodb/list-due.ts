import type { DynamoTable, Item } from './dynamo-table.ts';
import { afterTime, type dueShards } from './keys.ts';
import { indexes } from './table-definition.ts';

/**
 * Lists what is due at `now` or before, the oldest first.
 *
 * @returns entries of the index, which may lag behind: an item that changed in the meantime may no longer be due.
 */
export function listDue(
  table: Pick<DynamoTable, 'queryAll'>,
  shard: (typeof dueShards)[keyof typeof dueShards],
  now: Date,
  limit: number,
): Promise<Item[]> {
  return table.queryAll({
    index: indexes.due.name,
    key: {
      when: '#dueShard = :shard AND #dueKey < :end',
      values: { ':shard': shard, ':end': afterTime(now) },
    },
    limit,
  });
}
