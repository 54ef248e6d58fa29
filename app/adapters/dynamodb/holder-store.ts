import { z } from 'zod';
import { type Holder, type ProjectId, storedHolder } from '../../core/model/ids.ts';
import type { HolderRecord, StackStore } from '../../ports/stack-store.ts';
import type { Condition, DynamoTable, Item } from './dynamo-table.ts';
import { holderKey } from './keys.ts';
import { parseItem, storedDate } from './parse-item.ts';

export type HolderStore = Pick<
  StackStore,
  'reserve' | 'unreserve' | 'readHolder' | 'closeHolder' | 'reopenHolder' | 'forgetHolder'
>;

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
 * generation has to grow permanently.
 */
export function createHolderStore(table: DynamoTable): HolderStore {
  const readHolder = async (projectId: ProjectId, who: Holder): Promise<HolderRecord | undefined> => {
    const item = await table.get(holderKey(projectId, who));
    return item === undefined ? undefined : toHolderRecord(item);
  };

  return {
    readHolder,

    async reserve(projectId, who, number, seen) {
      const generation = (seen?.generation ?? 0) + 1;
      const change = { set: { holder: who, stackNumber: number, generation } };
      const as = hasGeneration(generation - 1);
      const open = { ...as, when: `attribute_not_exists(#closed) AND ${as.when}` };
      const written = await table.updateIf(holderKey(projectId, who), change, open);
      if (written.done) return toHolderRecord(written.item);
      if (!written.retried) return undefined;
      // An earlier try, whose answer was lost on the way, may have set it.
      const record = await readHolder(projectId, who);
      return record?.generation === generation && record.stackNumber === number ? record : undefined;
    },

    async unreserve(projectId, seen) {
      const change = { set: { stackNumber: undefined } };
      await table.updateIf(holderKey(projectId, seen.holder), change, hasGeneration(seen.generation));
    },

    async closeHolder(projectId, who, at) {
      const change = { set: { holder: who }, setOnce: { closed: at.toISOString() } };
      return toHolderRecord(await table.update(holderKey(projectId, who), change));
    },

    async forgetHolder(projectId, who) {
      const when = 'attribute_not_exists(#stackNumber) AND attribute_not_exists(#ticketNumber)';
      await table.deleteIf(holderKey(projectId, who), { when });
    },

    async reopenHolder(projectId, who) {
      const change = { set: { closed: undefined } };
      await table.updateIf(holderKey(projectId, who), change, { when: 'attribute_exists(#pk)' });
    },
  };
}

function hasGeneration(generation: number): Condition {
  return generation === 0
    ? { when: 'attribute_not_exists(#generation)' }
    : { when: '#generation = :seen', values: { ':seen': generation } };
}
