import { omitUndefined } from '../../lib/omit-undefined.ts';
import type { Store } from '../../ports/store.ts';
import { createBranchStore } from './branch-store.ts';
import { createCostStore } from './cost-store.ts';
import { createDeliveryStore } from './delivery-store.ts';
import type { DynamoApi } from './dynamo-api.ts';
import { createDynamoTable } from './dynamo-table.ts';
import { createHoldHistoryStore } from './hold-history-store.ts';
import { createHolderStore } from './holder-store.ts';
import { createMaintenanceStore } from './maintenance-store.ts';
import { prepareTable } from './prepare-table.ts';
import { createProjectStore } from './project-store.ts';
import { createPullCommentStore } from './pull-comment-store.ts';
import { createQueueStore } from './queue-store.ts';
import { createRunStore } from './run-store.ts';
import { createSessionStore } from './session-store.ts';
import { createSlotStore } from './slot-store.ts';
import { createStackStore } from './stack-store.ts';

/**
 * The store on one DynamoDB table: on AWS, on DynamoDB Local and on the embedded dynalite alike. It uses neither
 * transactions nor TTL where correctness depends on it.
 *
 * @param options.client the AWS SDK's `DynamoDB` with its region, credentials and retries,
 *   or the embedded database.
 * @param options.runRetentionDays days that DynamoDB keeps a settled run. If omitted, it keeps all runs.
 * @param options.tableName a table as `tableDefinition` describes it; `prepare` creates it if it does not exist.
 */
export function createDynamoStore(options: {
  readonly client: DynamoApi;
  readonly tableName: string;
  readonly runRetentionDays?: number;
}): Store {
  const { client, tableName, runRetentionDays } = options;
  const table = createDynamoTable(client, tableName);
  return {
    projects: createProjectStore(table),
    stacks: createStackStore(table),
    holders: createHolderStore(table),
    queue: createQueueStore(table),
    branches: createBranchStore(table),
    comments: createPullCommentStore(table),
    runs: createRunStore(table, omitUndefined({ retentionDays: runRetentionDays })),
    deliveries: createDeliveryStore(table),
    costs: createCostStore(table),
    holds: createHoldHistoryStore(table),
    sessions: createSessionStore(table),
    maintenance: createMaintenanceStore(table),
    slots: createSlotStore(table),
    prepare: () => prepareTable(client, tableName),
    async ping() {
      await table.get({ pk: 'PING', sk: 'PING' });
    },
  };
}
