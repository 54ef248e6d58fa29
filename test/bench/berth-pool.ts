import { randomUUID } from 'node:crypto';
import type { DynamoApi } from '../../app/adapters/dynamodb/dynamo-api.ts';
import { createDynamoTable } from '../../app/adapters/dynamodb/dynamo-table.ts';
import { stackKey } from '../../app/adapters/dynamodb/keys.ts';
import { stackAttributes } from '../../app/adapters/dynamodb/stack-item.ts';
import type { Holder } from '../../app/core/model/ids.ts';
import type { Project } from '../../app/core/model/project.ts';
import { isAvailable, type Stack } from '../../app/core/model/stack.ts';
import { releaseStack } from '../../app/core/stacks/release-stack.ts';
import { requestStack } from '../../app/core/stacks/request-stack.ts';
import { keyedQueue } from '../../app/lib/keyed-queue.ts';
import type { Store } from '../../app/ports/store.ts';
import { embeddedPolicy } from '../../app/wiring/policies.ts';
import { holdChanges } from '../helpers/hold-changes.ts';

/** A pool as the server works with it: through the use cases. */
export interface BerthPool {
  request(branch: string, holder: Holder): Promise<Stack>;
  release(stack: Stack): Promise<void>;
}

export function berthPool(store: Store, project: Project): BerthPool {
  const deps = {
    store,
    clock: { now: () => new Date() },
    ids: {
      unique: randomUUID,
      derived: async () => randomUUID(),
      random: Math.random,
      secret: () => randomUUID(),
    },
    events: { publish: async () => {} },
    enqueue: () => {},
    log: { info() {}, warn() {}, error() {} },
    policy: embeddedPolicy,
    serialize: keyedQueue(),
  };
  return {
    async request(branch, holder) {
      const answer = await requestStack(deps, { project, holder, branch, wait: false });
      if (answer.kind !== 'held') throw new Error(`no stack was had: ${answer.kind}`);
      return answer.stack;
    },
    async release(stack) {
      await releaseStack(deps, { project, stackName: stack.stackName, token: stack.token });
    },
  };
}

/** The older algorithm in Berth's own table: reads all stacks, sorts them by the time of their request, takes one. */
export function readAllPool(store: Store, project: Project): BerthPool {
  return {
    async request(branch, holder) {
      for (;;) {
        const available = (await store.stacks.list(project.id))
          .filter(isAvailable)
          .sort((a, b) => a.lastRequested.getTime() - b.lastRequested.getTime());
        const stack = available.find((one) => one.branch === branch) ?? available[0];
        if (stack === undefined) throw new Error('the pool is empty');
        const now = new Date();
        const taken = await holdChanges(store).take(stack, { holder, branch, now, checkAt: now });
        if (taken !== undefined) return taken;
      }
    },
    async release(stack) {
      await holdChanges(store).release(stack, new Date());
    },
  };
}

/** Available stacks, written by one write each: requesting and releasing takes four. */
export async function seedPool(
  client: DynamoApi,
  tableName: string,
  project: Project,
  size: number,
  nameOf: (number: number) => { branch: string; lastRequested: Date },
): Promise<void> {
  const table = createDynamoTable(client, tableName);
  for (let number = 1; number <= size; number += 1) {
    const { branch, lastRequested } = nameOf(number);
    const stack: Stack = {
      projectId: project.id,
      number,
      stackName: `test-${number}`,
      branch,
      lastDeployedCommit: number.toString(16).padStart(40, '0'),
      created: lastRequested,
      modified: lastRequested,
      lastRequested,
      revision: 1,
      token: 1,
      activeRuns: [],
    };
    const isNew = { when: 'attribute_not_exists(#pk)' };
    await table.put({ ...stackKey(project.id, number), ...stackAttributes(stack) }, isNew);
  }
}
