import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createDynamoStore } from '../../../../app/adapters/dynamodb/dynamo-store.ts';
import { holder, runId as toRunId } from '../../../../app/core/model/ids.ts';
import { type Project, projectSettingsSchema } from '../../../../app/core/model/project.ts';
import { monthOf } from '../../../../app/lib/month.ts';
import type { Store } from '../../../../app/ports/store.ts';
import { type BerthPool, berthPool, seedPool } from '../../../bench/berth-pool.ts';
import {
  alice,
  found,
  freeStack,
  newProject,
  newProjectId,
  params,
} from '../../../contract/store/samples.ts';
import { holdChanges } from '../../../helpers/hold-changes.ts';
import { type CountingApi, countingApi } from './counting-api.ts';
import { openEmbeddedStore, tableName } from './open-embedded-store.ts';

const sizes = [10, 100];
const runId = toRunId('run-1');
const aClaim = (projectId: Project['id']) => ({ runId, projectId, cpuUnits: 256, since: new Date(0) });
const month = monthOf(new Date(0));

describe('the DynamoDB calls of the store', () => {
  let opened: Awaited<ReturnType<typeof openEmbeddedStore>>;
  let api: CountingApi;
  let store: Store;
  beforeAll(async () => {
    opened = await openEmbeddedStore();
    api = countingApi(opened.client);
    store = createDynamoStore({ client: api, tableName });
  });
  afterAll(() => opened.close());

  describe.each(sizes)('for a request in a pool of %i stacks', (size) => {
    let project: Project;
    let pool: BerthPool;
    // One query reads a small pool whole.
    const isSmall = size <= 25;
    const queries = (count: number) => ({ query: isSmall ? 1 : count });
    beforeAll(async () => {
      project = newProject({ settings: projectSettingsSchema.parse({ maxStacks: size + 5 }) });
      const nameOf = (number: number) => ({
        branch: `branch-${number}`,
        lastRequested: new Date(Date.UTC(2026, 0, 1) + number * 1000),
      });
      await seedPool(opened.client, tableName, project, size, nameOf);
      pool = berthPool(store, project);
      // The first read of a large pool finds that it is.
      await store.stacks.view(project.id, 'any', undefined);
    });
    beforeEach(() => api.reset());

    it('without a named holder: two round trips, of at most two reads and one write', async () => {
      const stack = await pool.request('new', holder.request('one'));
      expect(api.count()).toEqual({ roundTrips: 2, calls: { ...queries(2), updateItem: 1 } });
      await pool.release(stack);
    });

    it('of a named holder: four round trips, of at most four reads and two writes', async () => {
      const stack = await pool.request('new', holder.pullRequest(size));
      expect(api.count()).toEqual({ roundTrips: 4, calls: { ...queries(3), getItem: 1, updateItem: 2 } });
      await pool.release(stack);
    });

    it('of a named holder for the stack that it has: three calls', async () => {
      const stack = await pool.request('again', holder.pullRequest(size + 1));
      api.reset();
      expect((await pool.request('again', holder.pullRequest(size + 1))).number).toBe(stack.number);
      expect(api.count()).toEqual({ roundTrips: 3, calls: { getItem: 2, updateItem: 1 } });
      await pool.release(stack);
    });

    it('for a branch whose last stack is available: as many as for any other', async () => {
      const stack = await pool.request(`branch-${size}`, holder.request('two'));
      expect(stack.number).toBe(size);
      expect(api.count().roundTrips).toBe(2);
      await pool.release(stack);
    });

    it('that creates a new stack', async () => {
      const seen = await store.stacks.list(project.id);
      for (const stack of seen)
        await holdChanges(store).take(stack, params(holder.request(`h${stack.number}`)));
      api.reset();
      expect((await pool.request('new', holder.request('three'))).number).toBe(size + 1);
      expect(api.count()).toEqual({ roundTrips: isSmall ? 2 : 3, calls: { ...queries(3), updateItem: 1 } });
      api.reset();
      expect((await pool.request('new', holder.client('four'))).number).toBe(size + 2);
      expect(api.count()).toEqual({ roundTrips: 4, calls: { ...queries(3), getItem: 1, updateItem: 2 } });
    });
  });

  it.each<[string, number, (store: Store, project: Project['id']) => Promise<unknown>]>([
    ['reading a stack', 1, (s, project) => s.stacks.get(project, 1)],
    ['a renewal', 2, (s, project) => holdChanges(s).renew(project, 2, params(alice))],
    [
      'noting a commit',
      2,
      (s, project) => holdChanges(s).setLastDeployedCommit(project, 1, 'abc', new Date()),
    ],
    ['listing a small pool', 1, (s, project) => s.stacks.list(project)],
    ['listing the IDs of active runs', 1, (s, project) => s.runs.listActiveIds(project)],
    ['noting what a run cost', 1, (s, project) => s.costs.record({ projectId: project, runId, month })],
    ['what a small month cost', 1, (s, project) => s.costs.ofMonth(project, month)],
    ['finding due runs', 1, (s) => s.runs.due(new Date(0), 10)],
    [
      'a slot where there is room',
      1,
      (s, projectId) => s.slots.take(aClaim(projectId), { tasks: 9 }, 'no queue'),
    ],
    ['a place in the line for one', 1, (s, projectId) => s.slots.enqueue(aClaim(projectId), { tasks: 1 })],
    ['a place in it given up', 2, (s, projectId) => s.slots.leave(aClaim(projectId))],
    ['a ping', 1, (s) => s.ping()],
  ])('%s takes %i round trips', async (_name, roundTrips, call) => {
    const project = newProjectId();
    await freeStack(store, project, 1);
    found(await holdChanges(store).create(project, 2, 'test-2', params(alice)));
    api.reset();
    await call(store, project);
    expect(api.count().roundTrips).toBe(roundTrips);
  });
});
