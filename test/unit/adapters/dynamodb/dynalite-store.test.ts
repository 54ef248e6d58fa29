import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { dynaliteApi } from '../../../../app/adapters/dynamodb/dynalite-api.ts';
import { type DynaliteStore, openDynaliteStore } from '../../../../app/adapters/dynamodb/dynalite-store.ts';
import { createDynamoStore } from '../../../../app/adapters/dynamodb/dynamo-store.ts';
import type { Store } from '../../../../app/ports/store.ts';
import { alice, bob, freeStack, heldStack, newProjectId, params } from '../../../contract/store/samples.ts';
import { tableName } from './open-embedded-store.ts';

describe("dynalite's database", () => {
  let directory: string;
  let database: DynaliteStore;
  let store: Store;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'berth-dynalite-'));
    database = await openDynaliteStore(directory);
    store = createDynamoStore({ client: dynaliteApi(database), tableName });
    await store.prepare();
  });
  afterEach(async () => {
    await database.close();
    await rm(directory, { recursive: true });
  });

  it('closes its iterators, so queries do not slow down', async () => {
    const project = newProjectId();
    const { db } = database.forRequest();
    const { values } = db;
    const opened: ReturnType<typeof values>[] = [];
    db.values = (range) => {
      const iterator = values.call(db, range);
      opened.push(iterator);
      return iterator;
    };
    await freeStack(store, project, 1);
    await store.stacks.view(project, 'main', alice);
    await store.stacks.list(project);
    expect(opened).toHaveLength(4);
    for (const iterator of opened) {
      await expect(iterator.nextv(1)).rejects.toMatchObject({ code: 'LEVEL_ITERATOR_NOT_OPEN' });
    }
  });

  it('writes an item and its index entries atomically', async () => {
    const project = newProjectId();
    const free = await freeStack(store, project, 1);
    const held = await heldStack(store, project, 2);
    const before = await store.stacks.view(project, 'main', alice);
    const { db } = database.forRequest();
    const { batch } = db;
    db.batch = async () => {
      throw new Error('no space left on the device');
    };
    await expect(store.stacks.take(free, params(bob))).rejects.toThrow('no space left');
    await expect(store.stacks.release(held, new Date())).rejects.toThrow('no space left');
    await expect(store.stacks.create(project, 3, 'test-3', params(bob))).rejects.toThrow('no space left');
    db.batch = batch;
    expect(await store.stacks.view(project, 'main', alice)).toEqual(before);
    expect(await store.stacks.list(project)).toEqual([free, held]);
    expect(await store.stacks.take(free, params(bob))).toMatchObject({ hold: { holder: bob } });
  });
});
