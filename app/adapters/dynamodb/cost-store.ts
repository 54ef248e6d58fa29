import { z } from 'zod';
import type { CostStore } from '../../ports/store.ts';
import type { DynamoTable } from './dynamo-table.ts';
import { costKey, costPartition, runOfCostKey } from './keys.ts';
import { parseItem } from './parse-item.ts';

const costItemSchema = z.object({ costUsd: z.number().nonnegative().exactOptional() });

/** The costs of runs: an item each, in a partition for each project and month, so that a total is one query. */
export function createCostStore(table: DynamoTable): CostStore {
  return {
    async record({ projectId, month, runId, costUsd }) {
      // No decision depends on it, and it is the same each time: the only write without a condition.
      await table.update(costKey(projectId, month, runId), { set: { kind: 'cost', costUsd } });
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
