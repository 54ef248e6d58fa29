import { z } from 'zod';
import { later } from '../../lib/later.ts';
import { omitUndefined } from '../../lib/omit-undefined.ts';
import type { MaintenanceStore } from '../../ports/store.ts';
import type { DynamoTable } from './dynamo-table.ts';
import { choreKey, orphanKey, quotaKey } from './keys.ts';
import { parseItem, storedDate } from './parse-item.ts';

const orphanItemSchema = z.object({ since: storedDate });
const quotaItemSchema = z.object({ cpuUnits: z.number().optional(), askAgainAt: storedDate });

/** Chores and marks: an item each, written with a condition that only the first writer meets. Also the quota. */
export function createMaintenanceStore(table: DynamoTable): MaintenanceStore {
  return {
    async claim(chore, now, nextAt) {
      const intervalSeconds = (nextAt.getTime() - now.getTime()) / 1000;
      const written = await table.updateIf(
        choreKey(chore),
        { set: { kind: 'chore', nextAt } },
        {
          // Much later than the next time: it was written before the clock was set back.
          when: 'attribute_not_exists(#nextAt) OR #nextAt <= :now OR #nextAt > :latest',
          values: { ':now': now, ':latest': later(nextAt, intervalSeconds) },
        },
      );
      return written.done;
    },

    async markOrphan(arn, now, forgetAt) {
      const mark = {
        ...orphanKey(arn),
        kind: 'orphan',
        since: now,
        forgetAt,
        ttl: Math.ceil(forgetAt.getTime() / 1000),
      };
      // DynamoDB removes expired items some time later, and the embedded store never does.
      const isFirst = {
        when: 'attribute_not_exists(#pk) OR #forgetAt <= :now',
        values: { ':now': now },
      };
      if (await table.put(mark, isFirst)) return now;
      const item = await table.get(orphanKey(arn));
      return item === undefined ? now : parseItem(orphanItemSchema, item).since;
    },

    async noteQuota({ cpuUnits, askAgainAt }) {
      await table.update(quotaKey, {
        set: { kind: 'quota', cpuUnits, askAgainAt },
      });
    },

    async readQuota() {
      const item = await table.get(quotaKey);
      if (item === undefined) return undefined;
      const { cpuUnits, askAgainAt } = parseItem(quotaItemSchema, item);
      return omitUndefined({ cpuUnits, askAgainAt });
    },
  };
}
