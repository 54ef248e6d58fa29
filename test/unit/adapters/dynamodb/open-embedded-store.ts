import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DynamoApi } from '../../../../app/adapters/dynamodb/dynamo-api.ts';
import { createDynamoStore } from '../../../../app/adapters/dynamodb/dynamo-store.ts';
import { startEmbeddedDynamoDb } from '../../../../app/adapters/dynamodb/embedded-dynamodb.ts';
import type { OpenStore } from '../../../contract/store.ts';
import { removeDirectory } from '../../../helpers/temporary-directory.ts';

export const tableName = 'berth';

/** A store on a separate DynamoDB, in a directory that goes with it. */
export async function openEmbeddedStore(): Promise<OpenStore & { readonly client: DynamoApi }> {
  const directory = await mkdtemp(join(tmpdir(), 'berth-store-'));
  const { client, close } = await startEmbeddedDynamoDb({ directory });
  const store = createDynamoStore({ client, tableName });
  await store.prepare();
  return {
    store,
    client,
    async close() {
      await close();
      await removeDirectory(directory);
    },
  };
}
