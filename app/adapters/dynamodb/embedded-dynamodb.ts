import { mkdir } from 'node:fs/promises';
import { z } from 'zod';
import { BerthError } from '../../core/model/errors.ts';
import { databaseDamaged, isDamage } from './database-damage.ts';
import { dynaliteApi } from './dynalite-api.ts';
import {
  type DynaliteStore,
  isDiskFull,
  type OnFull,
  openDynaliteStore,
  storageFull,
} from './dynalite-store.ts';
import { type DynamoApi, isNamed } from './dynamo-api.ts';

/** A DynamoDB in this process, with its data on disk. */
export interface EmbeddedDynamoDb {
  readonly client: DynamoApi;
  /**
   * Checks some more items of a table, and deletes expired ones, as DynamoDB does by itself.
   *
   * @returns how many it deleted.
   */
  expire(tableName: string, now: Date): Promise<number>;
  /** Returns the damage that a request found since the start. */
  damage(): BerthError | undefined;
  /** Waits for requests in progress, then releases the directory. */
  close(): Promise<void>;
}

/**
 * Opens the database in a directory. Acknowledged writes survive any end of this process; a loss
 * of power may cost the last writes.
 *
 * @param options.directory created if missing; for one process at a time.
 * @throws BerthError `data_dir_in_use`; `database_damaged`; `config_invalid` if the directory cannot be used.
 */
export async function startEmbeddedDynamoDb(options: {
  directory: string;
  onFull?: OnFull;
}): Promise<EmbeddedDynamoDb> {
  const database = await openDatabase(options.directory, options.onFull);
  const client = dynaliteApi(database);
  return {
    client,
    expire: expiryOf(database, client),
    damage: database.damage,
    close: () => database.close(),
  };
}

/** The number of items checked at a time, so that other requests can run in between. */
const itemsAtOnce = 1000;

const expiringItemSchema = z.object({
  pk: z.object({ S: z.string() }),
  sk: z.object({ S: z.string() }),
  ttl: z.object({ N: z.string() }),
});

function expiryOf(database: DynaliteStore, client: DynamoApi): EmbeddedDynamoDb['expire'] {
  let after: string | undefined;
  return async (tableName, now) => {
    await database.ready();
    const { items, next } = await database.scan(tableName, after, itemsAtOnce);
    after = next;
    let deleted = 0;
    for (const item of items) {
      const { data } = expiringItemSchema.safeParse(item);
      if (data === undefined || Number(data.ttl.N) * 1000 >= now.getTime()) continue;
      const { pk, sk, ttl } = data;
      try {
        await client.deleteItem({
          TableName: tableName,
          Key: { pk, sk },
          // It may have been written again in the meantime.
          ConditionExpression: '#ttl = :seen',
          ExpressionAttributeNames: { '#ttl': 'ttl' },
          ExpressionAttributeValues: { ':seen': ttl },
        });
        deleted += 1;
      } catch (error) {
        if (!isNamed(error, 'ConditionalCheckFailedException')) throw error;
      }
    }
    return deleted;
  };
}

async function openDatabase(directory: string, onFull: OnFull = async () => {}): Promise<DynaliteStore> {
  const open = async (): Promise<DynaliteStore> => {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    return openDynaliteStore(directory, onFull);
  };
  try {
    return await open().catch(async (error: unknown) => {
      if (!isDiskFull(reasonOf(error))) throw error;
      await onFull();
      return open();
    });
  } catch (error) {
    throw unusable(directory, error);
  }
}

/** The kernel releases LevelDB's lock when its process ends, even by kill -9. */
function unusable(directory: string, error: unknown): BerthError {
  if (error instanceof BerthError) return error;
  const { code, message } = reasonOf(error);
  if (code === 'LEVEL_LOCKED') {
    return new BerthError('data_dir_in_use', `Another Berth process uses ${directory}.`, {
      cause: error,
      hint: 'Stop that process, or set BERTH_DATA_DIR to another directory.',
    });
  }
  if (isDiskFull(reasonOf(error))) {
    return storageFull(directory, error);
  }
  if (isDamage(error) || isDamage(reasonOf(error)) || /CURRENT|MANIFEST/.test(message)) {
    return databaseDamaged(message, error);
  }
  return new BerthError('config_invalid', `The database in ${directory} cannot be opened: ${message}`, {
    cause: error,
    hint: 'BERTH_DATA_DIR must be a directory that this user can write to.',
  });
}

/** The cause of "database is not open" is the actual error of LevelDB. */
function reasonOf(error: unknown): Error & { code?: unknown } {
  if (!(error instanceof Error)) return new Error(String(error));
  const { cause } = error;
  const isError = typeof cause === 'object' && cause !== null && 'message' in cause;
  return isError ? Object.assign(new Error(String(cause.message)), cause) : error;
}
