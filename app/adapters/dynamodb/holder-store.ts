import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { LostRace } from '../../core/model/errors.ts';
import type { HolderRecord } from '../../core/model/hold.ts';
import { type Holder, type ProjectId, storedHolder } from '../../core/model/ids.ts';
import type { HolderStore } from '../../ports/stack-store.ts';
import type { DynamoTable, Item } from './dynamo-table.ts';
import type { Expiry } from './expiry.ts';
import type { Condition } from './expressions.ts';
import { holderKey } from './keys.ts';
import { parseItem, storedDate } from './parse-item.ts';

const holderItemSchema = z.object({
  holder: z.string().transform(storedHolder),
  stackNumber: z.number().int().positive().exactOptional(),
  generation: z.number().int().nonnegative().default(0),
  ticketNumber: z.number().int().positive().exactOptional(),
  closed: storedDate.exactOptional(),
});

export function toHolderRecord(item: Item): HolderRecord {
  return parseItem(holderItemSchema, item);
}

/**
 * The record of a holder: one item for each. It is kept after a release, since its
 * generation has to grow for longer than any process works on an earlier one.
 */
export function createHolderStore(table: DynamoTable, expiry: Expiry): HolderStore {
  const get = async (projectId: ProjectId, of: Holder): Promise<HolderRecord | undefined> => {
    const item = await table.get(holderKey(projectId, of));
    return item === undefined ? undefined : toHolderRecord(item);
  };

  return {
    get,

    async save(projectId, next, seen) {
      const key = holderKey(projectId, next.holder);
      const ttl = expiry(next.stackNumber === undefined && next.ticketNumber === undefined);
      const set = { holder: next.holder, ...attributes(next), ttl };
      const written = await table.updateIf(key, { set }, isSame(seen));
      if (written.done) return toHolderRecord(written.item);
      if (written.retried) {
        // An earlier attempt whose answer was lost may have saved it.
        const record = await get(projectId, next.holder);
        if (record !== undefined && isDeepStrictEqual(attributes(record), attributes(next))) return record;
      }
      throw new LostRace(`the record of holder ${next.holder} was changed`);
    },

    async delete(projectId, seen) {
      if (!(await table.deleteIf(holderKey(projectId, seen.holder), isSame(seen))))
        throw new LostRace(`the record of holder ${seen.holder} was changed`);
    },
  };
}

function attributes(record: HolderRecord | undefined): Record<string, string | number | Date | undefined> {
  return {
    stackNumber: record?.stackNumber,
    // A holder that never reserved a stack has no such attribute.
    generation: record?.generation === 0 ? undefined : record?.generation,
    ticketNumber: record?.ticketNumber,
    closed: record?.closed,
  };
}

/** Compares all data of a holder: the same data lead to the same decision. */
function isSame(seen: HolderRecord | undefined): Condition {
  const fields = Object.entries(attributes(seen));
  return {
    when: fields
      .map(([name, value]) =>
        value === undefined ? `attribute_not_exists(#${name})` : `#${name} = :${name}`,
      )
      .join(' AND '),
    values: Object.fromEntries(
      fields.flatMap(([name, value]) => (value === undefined ? [] : [[`:${name}`, value]])),
    ),
  };
}
