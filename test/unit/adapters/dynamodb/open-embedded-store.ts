import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DynamoApi } from '../../../../app/adapters/dynamodb/dynamo-api.ts';
import { createDynamoStore } from '../../../../app/adapters/dynamodb/dynamo-store.ts';
import {
  type EmbeddedDynamoDb,
  startEmbeddedDynamoDb,
} from '../../../../app/adapters/dynamodb/embedded-dynamodb.ts';
import type { Store } from '../../../../app/ports/store.ts';
import type { OpenStore } from '../../../contract/store.ts';
import { removeDirectory } from '../../../helpers/temporary-directory.ts';

export const tableName = 'berth';

type StoreOptions = Omit<Parameters<typeof createDynamoStore>[0], 'client' | 'tableName'>;

/** A data directory whose database is opened and closed several times. */
export interface EmbeddedDirectory {
  readonly path: string;
  /** @param path another directory. */
  open(path?: string, options?: StoreOptions): Promise<{ store: Store; database: EmbeddedDynamoDb }>;
  close(database: EmbeddedDynamoDb): Promise<void>;
  /** Closes what is open, and removes the directory. */
  remove(): Promise<void>;
}

export async function embeddedDirectory(): Promise<EmbeddedDirectory> {
  const directory = await mkdtemp(join(tmpdir(), 'berth-embedded-'));
  const opened = new Set<EmbeddedDynamoDb>();
  const close = async (database: EmbeddedDynamoDb): Promise<void> => {
    opened.delete(database);
    await database.close();
  };
  return {
    path: directory,
    async open(path = directory, options = {}) {
      const database = await startEmbeddedDynamoDb({ directory: path });
      opened.add(database);
      const store = createDynamoStore({ client: database.client, tableName, ...options });
      await store.prepare();
      return { store, database };
    },
    close,
    async remove() {
      for (const database of opened) await close(database);
      await removeDirectory(directory);
    },
  };
}

/** A store on a separate DynamoDB, in a directory that goes with it. */
export async function openEmbeddedStore(): Promise<OpenStore & { readonly client: DynamoApi }> {
  const directory = await embeddedDirectory();
  const { store, database } = await directory.open();
  return { store, client: database.client, close: directory.remove };
}
