import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { DynamoApi } from '../../../../app/adapters/dynamodb/dynamo-api.ts';
import { createDynamoStore } from '../../../../app/adapters/dynamodb/dynamo-store.ts';
import { holder } from '../../../../app/core/model/ids.ts';
import type { Store } from '../../../../app/ports/store.ts';
import {
  alice,
  bob,
  found,
  freeStack,
  heldStack,
  newProjectId,
  params,
} from '../../../contract/store/samples.ts';
import { holdChanges } from '../../../helpers/hold-changes.ts';
import { openEmbeddedStore, tableName } from './open-embedded-store.ts';

/** Every update takes place, its answer is lost, and the SDK sends it again: with what the first try left. */
function losingAnswers(api: DynamoApi): DynamoApi {
  return {
    ...api,
    async updateItem(input) {
      await api.updateItem(input);
      try {
        return await api.updateItem(input);
      } catch (error) {
        throw Object.assign(error as Error, { $metadata: { attempts: 2 } });
      }
    },
  };
}

describe('a write that is repeated after a lost response', () => {
  let opened: Awaited<ReturnType<typeof openEmbeddedStore>>;
  let store: Store;
  let losing: Store;
  beforeAll(async () => {
    opened = await openEmbeddedStore();
    store = opened.store;
    losing = createDynamoStore({ client: losingAnswers(opened.client), tableName });
  });
  afterAll(() => opened.close());

  it('has acquired the stack', async () => {
    const free = await freeStack(store, newProjectId(), 1);
    const taken = await holdChanges(losing).take(free, params(holder.request('one')));
    expect(taken).toMatchObject({ token: free.token + 1, hold: { holder: 'request:one' } });
  });

  it('has created the stack', async () => {
    const made = await holdChanges(losing).create(newProjectId(), 1, 'test-1', params(holder.request('one')));
    expect(made).toMatchObject({ token: 1, hold: { holder: 'request:one' } });
  });

  it('has not acquired the stack of another holder', async () => {
    const free = await freeStack(store, newProjectId(), 1);
    found(await holdChanges(store).take(free, params(bob)));
    expect(await holdChanges(losing).take(free, params(alice))).toBeUndefined();
  });

  it('has released the stack', async () => {
    const held = await heldStack(store, newProjectId(), 1);
    expect(await holdChanges(losing).release(held, new Date())).toBe(true);
  });

  it('has set the pointer', async () => {
    const record = await holdChanges(losing).reserve(newProjectId(), alice, 3, undefined);
    expect(record).toEqual({ holder: alice, stackNumber: 3, generation: 1 });
  });
});
