import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { createDynamoStore } from '../../../app/adapters/dynamodb/dynamo-store.ts';
import { startEmbeddedDynamoDb } from '../../../app/adapters/dynamodb/embedded-dynamodb.ts';
import type { OpenStore } from '../../contracts/store.ts';

export const tableName = 'berth';

export function newSecret(): string {
  return randomBytes(16).toString('hex');
}

/** A store on a DynamoDB of its own, in a directory that goes with it. */
export async function openEmbeddedStore(): Promise<OpenStore & { readonly client: DynamoDBClient }> {
  const directory = await mkdtemp(join(tmpdir(), 'berth-store-'));
  const { client, close } = await startEmbeddedDynamoDb({ directory, secret: newSecret() });
  const store = createDynamoStore({ client, tableName });
  await store.prepare();
  return {
    store,
    client,
    async close() {
      await close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
