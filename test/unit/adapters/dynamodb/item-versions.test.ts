import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createDynamoStore } from '../../../../app/adapters/dynamodb/dynamo-store.ts';
import {
  type EmbeddedDynamoDb,
  startEmbeddedDynamoDb,
} from '../../../../app/adapters/dynamodb/embedded-dynamodb.ts';
import { apiKeyKey, sessionKey } from '../../../../app/adapters/dynamodb/keys.ts';
import { projectId } from '../../../../app/core/model/ids.ts';
import type { Store } from '../../../../app/ports/store.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../../../helpers/temporary-directory.ts';

const tableName = 'berth';
const now = new Date(Date.UTC(2030, 0, 1));
const session = {
  id: 'session',
  person: { id: 1, login: 'dana' },
  sealedTokens: 'sealed',
  signedInAt: now,
  renewAt: now,
  expires: now,
  revision: 1,
  isReplaced: false,
};
const key = {
  id: 'key',
  hash: 'hash',
  projectId: projectId('p'),
  name: 'a key',
  scope: 'read' as const,
  allProjects: false,
  created: now,
};

describe('the version of an item', () => {
  let directory: TemporaryDirectory;
  let database: EmbeddedDynamoDb;
  let store: Store;
  beforeEach(async () => {
    directory = await temporaryDirectory();
    database = await startEmbeddedDynamoDb({ directory: directory.path });
    store = createDynamoStore({ client: database.client, tableName });
    await store.prepare();
  });
  afterEach(async () => {
    await database.close();
    await directory.remove();
  });

  const stored = async (key: { pk: string; sk: string }) => {
    const found = await database.client.getItem({
      TableName: tableName,
      Key: { pk: { S: key.pk }, sk: { S: key.sk } },
    });
    return found.Item ?? {};
  };

  it('is written with sessions and API keys', async () => {
    await store.sessions.create(session);
    await store.projects.createKey(key);
    expect(await stored(sessionKey(session.id))).toMatchObject({ v: { N: '0' } });
    expect(await stored(apiKeyKey(key.hash))).toMatchObject({ v: { N: '0' } });
  });

  it('may be missing: items of 0.1.0 have none', async () => {
    await store.sessions.create(session);
    await store.projects.createKey(key);
    for (const item of [await stored(sessionKey(session.id)), await stored(apiKeyKey(key.hash))]) {
      const { v: _, ...older } = item;
      await database.client.putItem({ TableName: tableName, Item: older });
    }
    expect(await store.sessions.get(session.id)).toMatchObject({ person: { login: 'dana' } });
    expect(await store.projects.findKey(key.hash)).toMatchObject({ name: 'a key' });
  });
});
