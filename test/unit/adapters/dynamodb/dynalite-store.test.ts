import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { dynaliteApi } from '../../../../app/adapters/dynamodb/dynalite-api.ts';
import { type DynaliteStore, openDynaliteStore } from '../../../../app/adapters/dynamodb/dynalite-store.ts';
import { createDynamoStore } from '../../../../app/adapters/dynamodb/dynamo-store.ts';
import type { Store } from '../../../../app/ports/store.ts';
import { alice, bob, freeStack, heldStack, newProjectId, params } from '../../../contract/store/samples.ts';
import { holdChanges } from '../../../helpers/hold-changes.ts';
import { tableName } from './open-embedded-store.ts';

const failing = async (): Promise<never> => {
  throw Object.assign(new Error('IO error: 000003.log: Input/output error'), { code: 'LEVEL_IO_ERROR' });
};

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
    expect(opened).toHaveLength(2);
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
      throw new Error('the disk is broken');
    };
    await expect(holdChanges(store).take(free, params(bob))).rejects.toThrow('the disk is broken');
    await expect(holdChanges(store).release(held, new Date())).rejects.toThrow('the disk is broken');
    await expect(holdChanges(store).create(project, 3, 'test-3', params(bob))).rejects.toThrow(
      'the disk is broken',
    );
    db.batch = batch;
    expect(await store.stacks.view(project, 'main', alice)).toEqual(before);
    expect(await store.stacks.list(project)).toEqual([free, held]);
    expect(await holdChanges(store).take(free, params(bob))).toMatchObject({ hold: { holder: bob } });
  });

  it('frees space and writes again when the disk is full, and loses nothing that was written before', async () => {
    const project = newProjectId();
    await database.close();
    let freed = 0;
    const onFull = async (): Promise<void> => {
      freed += 1;
    };
    database = await openDynaliteStore(directory, onFull);
    store = createDynamoStore({ client: dynaliteApi(database), tableName });
    const before = await freeStack(store, project, 1);
    const { db } = database.forRequest();
    const { batch } = db;
    db.batch = async (...writes) => {
      db.batch = batch;
      void writes;
      throw new Error('IO error: 000003.log: No space left on device');
    };
    expect(await holdChanges(store).take(before, params(bob))).toMatchObject({ hold: { holder: bob } });
    expect(freed).toBe(1);
    await heldStack(store, project, 2);
    await database.close();
    database = await openDynaliteStore(directory);
    store = createDynamoStore({ client: dynaliteApi(database), tableName });
    expect(await store.stacks.list(project)).toHaveLength(2);
  });

  it('is opened again after a write that failed, since what is written after it would be lost', async () => {
    const project = newProjectId();
    await database.close();
    let freed = 0;
    database = await openDynaliteStore(directory, async () => {
      freed += 1;
    });
    store = createDynamoStore({ client: dynaliteApi(database), tableName });
    const before = await freeStack(store, project, 1);
    const { db } = database.forRequest();
    db.batch = failing;
    expect(await holdChanges(store).take(before, params(bob))).toMatchObject({ hold: { holder: bob } });
    expect(database.forRequest().db).not.toBe(db);
    expect(freed).toBe(0);
  });

  it('is not created again where its directory was deleted', async () => {
    const project = newProjectId();
    await heldStack(store, project, 1);
    const away = `${directory}-away`;
    await rename(directory, away);
    database.forRequest().db.batch = failing;
    await expect(heldStack(store, project, 2)).rejects.toThrow('ENOENT');
    await expect(store.stacks.get(project, 1)).rejects.toThrow('ENOENT');
    await rename(away, directory);
    expect(await store.stacks.get(project, 1)).toBeDefined();
  });

  it('is opened again by the next request when the space that was freed is gone before it is open', async () => {
    const project = newProjectId();
    await database.close();
    const away = `${directory}-away`;
    let isGone = false;
    database = await openDynaliteStore(directory, async () => {
      if (isGone) return;
      isGone = true;
      await rename(directory, away);
      await writeFile(directory, '');
    });
    store = createDynamoStore({ client: dynaliteApi(database), tableName });
    await heldStack(store, project, 1);
    const { db } = database.forRequest();
    db.batch = async () => {
      throw new Error('IO error: 000003.log: No space left on device');
    };
    await expect(heldStack(store, project, 2)).rejects.toThrow('ENOTDIR');
    await expect(store.stacks.get(project, 1)).rejects.toThrow('ENOTDIR');
    await rm(directory);
    await rename(away, directory);
    expect(await store.stacks.get(project, 1)).toBeDefined();
    await heldStack(store, project, 2);
    expect(await store.stacks.list(project)).toHaveLength(2);
  });
});
