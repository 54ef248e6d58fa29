import { omitUndefined } from '../../lib/omit-undefined.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Store } from '../../ports/store.ts';
import { systemClock } from '../system/system-clock.ts';
import { createBranchStore } from './branch-store.ts';
import { createCostStore } from './cost-store.ts';
import { createDeliveryStore } from './delivery-store.ts';
import type { DynamoApi } from './dynamo-api.ts';
import { createDynamoTable } from './dynamo-table.ts';
import { expiryAfter } from './expiry.ts';
import { createHoldHistoryStore } from './hold-history-store.ts';
import { createHolderStore } from './holder-store.ts';
import { groupSlotsKey } from './keys.ts';
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
 * @param options.recordRetentionDays days after which runs are deleted, here or by the caller. What remains of closed branches, idle
 *   holders, comments, commits and costs expires some time later. If omitted, it is kept.
 * @param options.tableName a table as `tableDefinition` describes it; `prepare` creates it if it does not exist.
 */
export function createDynamoStore(options: {
  readonly client: DynamoApi;
  readonly tableName: string;
  readonly runRetentionDays?: number;
  readonly recordRetentionDays?: number;
  readonly clock?: Clock;
}): Store {
  const { client, tableName, runRetentionDays, recordRetentionDays, clock = systemClock } = options;
  const expiry = expiryAfter(clock, recordRetentionDays);
  const table = createDynamoTable(client, tableName);
  return {
    projects: createProjectStore(table),
    stacks: createStackStore(table),
    holders: createHolderStore(table, expiry),
    queue: createQueueStore(table),
    branches: createBranchStore(table, expiry),
    comments: createPullCommentStore(table, expiry),
    runs: createRunStore(table, omitUndefined({ retentionDays: runRetentionDays })),
    deliveries: createDeliveryStore(table),
    costs: createCostStore(table, recordRetentionDays),
    holds: createHoldHistoryStore(table),
    sessions: createSessionStore(table),
    maintenance: createMaintenanceStore(table),
    slots: createSlotStore(table),
    slotsOf: (projectId, group) => createSlotStore(table, groupSlotsKey(projectId, group)),
    prepare: () => prepareTable(client, tableName),
    async ping() {
      await table.get({ pk: 'PING', sk: 'PING' });
    },
  };
}
