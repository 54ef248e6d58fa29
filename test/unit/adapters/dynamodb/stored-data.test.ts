import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { holder, runId } from '../../../../app/core/model/ids.ts';
import { createSweep } from '../../../../app/core/runs/sweep.ts';
import { closeHolder } from '../../../../app/core/stacks/holder-records.ts';
import { type World, world, writeResult } from '../../../helpers/memory-deps.ts';
import {
  launchStoredTask,
  openStoredData,
  storedProject as project,
  type StoredData,
  storedTable as tableName,
} from '../../../helpers/stored-data.ts';

let stored: StoredData;
let w: World;
let logged: string[];

beforeEach(async () => {
  stored = await openStoredData();
  logged = [];
  const error = (facts: object) => void logged.push(JSON.stringify(facts));
  w = world({ store: stored.store, deps: { log: { info() {}, warn() {}, error } } });
});
afterEach(() => stored.close());

async function rawRun(id: string) {
  const Key = marshall({ pk: `RUN#${id}`, sk: 'RUN' });
  const { Item: item } = await stored.database.client.getItem({ TableName: tableName, Key });
  if (item === undefined) throw new Error(`no run ${id}`);
  return unmarshall(item);
}

async function writeRun(id: string, change: (document: Record<string, unknown>) => unknown): Promise<void> {
  const item = await rawRun(id);
  const document = JSON.stringify(change(JSON.parse(String(item.document))));
  await stored.database.client.putItem({ TableName: tableName, Item: marshall({ ...item, document }) });
}

async function pass(seconds: number, sweep = createSweep(w.deps)): Promise<void> {
  w.clock.advance(seconds);
  await sweep();
  await w.settle();
}

describe('a data directory that 0.1.0 wrote', () => {
  it('is read completely', async () => {
    const { store } = w.deps;
    expect(await store.projects.get(project)).toMatchObject({
      name: 'acme/shop',
      settings: { prefix: 'qa-' },
    });
    expect(await store.stacks.list(project)).toMatchObject([
      { stackName: 'qa-1', hold: { holder: 'pr:7', kept: true } },
      { stackName: 'qa-2', hold: { holder: 'branch:topic' }, activeRuns: ['running'] },
      { stackName: 'qa-3', hold: { holder: 'api:ci' } },
    ]);
    const runs = await store.runs.list(project, {}, { limit: 10 });
    expect(runs.items.map(({ id, state }) => [id, state])).toEqual([
      ['waiting', 'waiting'],
      ['running', 'provisioning'],
      ['ended', 'failed'],
    ]);
    expect((await store.runs.get(runId('ended')))?.outcome?.tests).toMatchObject({ total: 3, failed: 1 });
    expect(await store.queue.list(project, 5)).toMatchObject([{ holder: 'branch:late', runId: 'waiting' }]);
  });

  it('continues: the pull request keeps its stack, and the next in the queue gets the released one', async () => {
    writeResult(w, runId('running'));
    await launchStoredTask(w.deps.executor);
    w.tasks.set(w.tasks.arnOf('running'), { lastStatus: 'STOPPED', exitCode: 0 });
    for (let look = 0; look < 30; look += 1) await pass(4);
    const { store } = w.deps;
    expect(await store.runs.get(runId('running'))).toMatchObject({ state: 'succeeded' });
    expect(await store.runs.get(runId('waiting'))).toMatchObject({ held: { stackName: 'qa-2' } });
    expect((await store.stacks.list(project)).map(({ hold }) => hold?.holder)).toEqual([
      'pr:7',
      'branch:late',
      'api:ci',
    ]);
    await closeHolder(store.holders, project, holder.pullRequest(7), w.clock.now());
    // Its hold was written with an hour until the next check.
    await pass(3600);
    expect((await store.stacks.get(project, 1))?.hold).toBeUndefined();
  });
});

describe('a stack that another version wrote', () => {
  const key = marshall({ pk: `POOL#${project}`, sk: 'STACK#00000001' });
  const rawStack = async () => {
    const { Item: item } = await stored.database.client.getItem({ TableName: tableName, Key: key });
    return unmarshall(item ?? {});
  };

  it('keeps its unknown fields when this version saves it', async () => {
    const { stacks } = w.deps.store;
    const Item = marshall({ ...(await rawStack()), color: 'blue' });
    await stored.database.client.putItem({ TableName: tableName, Item });
    const stack = await stacks.get(project, 1);
    if (stack === undefined) throw new Error('no stack');
    await stacks.save({ ...stack, lastDeployedCommit: 'abc' }, stack);
    expect(await rawStack()).toMatchObject({ color: 'blue', lastDeployedCommit: 'abc', revision: 1 });
  });

  it('is not saved over what a process of 0.1.0 has written since', async () => {
    const { stacks } = w.deps.store;
    const stack = await stacks.get(project, 1);
    if (stack === undefined) throw new Error('no stack');
    const Item = marshall({ ...(await rawStack()), modified: w.clock.now().toISOString() });
    await stored.database.client.putItem({ TableName: tableName, Item });
    await expect(stacks.save(stack, stack)).rejects.toMatchObject({ name: 'LostRace' });
  });
});

describe('a run that a newer version wrote', () => {
  it('keeps its unknown fields when this version saves it', async () => {
    await writeRun('running', (run) => ({
      ...run,
      mood: 'good',
      spec: { ...Object(run.spec), color: 'blue' },
      held: { ...Object(run.held), shelf: 3 },
    }));
    const { runs } = w.deps.store;
    const run = await runs.get(runId('running'));
    if (run === undefined) throw new Error('no run');
    await runs.save({ ...run, cancel: { at: w.clock.now(), reason: 'no' } }, w.clock.now());
    expect(JSON.parse(String((await rawRun('running')).document))).toMatchObject({
      mood: 'good',
      spec: { color: 'blue', command: 'npm test' },
      held: { shelf: 3 },
      cancel: { reason: 'no' },
    });
  });

  it('in an unknown state stops neither the sweep nor a list, and stays unchanged', async () => {
    const before = await rawRun('running');
    await writeRun('running', (run) => ({ ...run, state: 'hibernating' }));
    const sweep = createSweep(w.deps);
    w.clock.advance(60);
    const waiting = (await w.deps.store.runs.get(runId('waiting')))?.revision;
    await sweep();
    expect((await w.deps.store.runs.get(runId('waiting')))?.revision).not.toBe(waiting);
    expect(logged.filter((line) => line.includes('run running'))).toHaveLength(1);
    // It is due still, and waits longer from failure to failure.
    await sweep();
    expect(logged.filter((line) => line.includes('run running'))).toHaveLength(1);
    w.clock.advance(2);
    await sweep();
    expect(logged.filter((line) => line.includes('run running'))).toHaveLength(2);
    const listed = await w.deps.store.runs.list(project, {}, { limit: 10 });
    expect(listed.items.map(({ id }) => id)).toEqual(['waiting', 'ended']);
    expect((await rawRun('running')).revision).toBe(before.revision);
  });
});

describe('the sweep with a failing source', () => {
  it('continues with runs and holds while the executor is unavailable', async () => {
    w.clock.advance(130);
    const down = async (): Promise<never> => {
      throw new Error('the engine is down');
    };
    const executor = { ...w.deps.executor, describe: down, launch: down, withdraw: down };
    const now = w.clock.now();
    const { queue } = w.deps.store;
    expect((await queue.list(project, 5)).map(({ expires }) => expires > now)).toEqual([false]);
    await createSweep({ ...w.deps, executor })();
    // The run that waits has renewed its place in line.
    expect((await queue.list(project, 5)).map(({ expires }) => expires > now)).toEqual([true]);
  });
});
