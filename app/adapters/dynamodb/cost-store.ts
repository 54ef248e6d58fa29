import { z } from 'zod';
import { type Month, monthAfter } from '../../lib/month.ts';
import type { CostStore } from '../../ports/store.ts';
import type { DynamoTable } from './dynamo-table.ts';
import { costKey, costPartition, runOfCostKey } from './keys.ts';
import { parseItem } from './parse-item.ts';

/** Costs of a year ago can be compared, however short the retention of runs is. */
const leastDays = 400;

const costItemSchema = z.object({ costUsd: z.number().nonnegative().exactOptional() });

/**
 * The costs of runs: an item each, in a partition for each project and month, so that a total is one query.
 *
 * @param retentionDays how long runs are kept. If omitted, costs are kept too.
 */
export function createCostStore(table: DynamoTable, retentionDays: number | undefined): CostStore {
  return {
    async record({ projectId, month, runId, costUsd }) {
      // No decision depends on it, and it is the same each time: the only write without a condition.
      await table.update(costKey(projectId, month, runId), {
        set: { kind: 'cost', costUsd, ttl: expiryOf(month, retentionDays) },
      });
    },

    async ofMonth(projectId, month) {
      const partition = costPartition(projectId, month);
      const items = await table.queryAll({ key: { when: '#pk = :pk', values: { ':pk': partition } } });
      return items.map((item) => {
        const runId = runOfCostKey(String(item.sk));
        return { projectId, month, runId, ...parseItem(costItemSchema, item) };
      });
    },
  };
}

function expiryOf(month: Month, retentionDays: number | undefined): number | undefined {
  if (retentionDays === undefined) return undefined;
  const endOfMonth = Date.parse(`${monthAfter(month, 1)}-01`) / 1000;
  return endOfMonth + Math.max(leastDays, retentionDays) * 24 * 3600;
}
