import { join } from 'node:path';
import { DynamoDB } from '@aws-sdk/client-dynamodb';
import { awsClientOptions } from '../adapters/aws/client-options.ts';
import { createDynamoStore } from '../adapters/dynamodb/dynamo-store.ts';
import { startEmbeddedDynamoDb } from '../adapters/dynamodb/embedded-dynamodb.ts';
import { systemIds } from '../adapters/system/system-ids.ts';
import { BerthError } from '../core/model/errors.ts';
import { omitUndefined } from '../lib/omit-undefined.ts';
import type { Store } from '../ports/store.ts';
import type { Config } from './config/config.ts';

export interface OpenStore {
  readonly store: Store;
  /** Deletes some expired items. If omitted, DynamoDB does so by itself. */
  readonly expire?: (now: Date) => Promise<number>;
  /** Returns the damage that an embedded database found. */
  readonly damage?: () => BerthError | undefined;
  close(): Promise<void>;
}

export interface StoreOptions {
  /** Frees space on the disk of an embedded database. */
  readonly onFull?: () => Promise<void>;
  /** Days until DynamoDB deletes a settled run. If omitted, it keeps all runs. */
  readonly runRetentionDays?: number;
  /** Days until runs are deleted, by DynamoDB or by this server: other records expire after that. */
  readonly recordRetentionDays?: number;
}

/**
 * Opens the store of a server: a DynamoDB table, or the embedded database in the data directory.
 *
 * @throws BerthError `data_dir_in_use`; `config_invalid` if the table cannot be read.
 */
export async function openStore(
  { dataDir, aws }: Pick<Config, 'dataDir' | 'aws'>,
  { onFull, ...retention }: StoreOptions = {},
): Promise<OpenStore> {
  if (aws?.table !== undefined) return openTable(aws.region, aws.table, retention);
  const database = await startEmbeddedDynamoDb(
    omitUndefined({ directory: join(dataDir, 'database'), onFull }),
  );
  try {
    const store = createDynamoStore({ client: database.client, tableName: 'berth', ...retention });
    await store.prepare();
    return {
      store,
      expire: (now) => database.expire('berth', now),
      damage: database.damage,
      close: () => database.close(),
    };
  } catch (error) {
    await database.close();
    throw error;
  }
}

async function openTable(
  region: string,
  tableName: string,
  retention: Omit<StoreOptions, 'onFull'>,
): Promise<OpenStore> {
  const client = new DynamoDB(awsClientOptions({ region, random: () => systemIds.random() }));
  const store = createDynamoStore({ client, tableName, ...retention });
  try {
    await store.ping();
  } catch (cause) {
    client.destroy();
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new BerthError(
      'config_invalid',
      `Berth cannot read the table ${tableName} in ${region} (BERTH_TABLE, AWS_REGION): ${reason}`,
      {
        cause,
        hint: 'Create the table with the Terraform module `storage`, and allow this server to use it. docs/configuration.md shows how.',
      },
    );
  }
  return { store, close: async () => client.destroy() };
}
