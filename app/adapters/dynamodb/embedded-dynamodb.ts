import { mkdir } from 'node:fs/promises';
import { Readable } from 'node:stream';
import dynalite, { type Database, type Range, type Store } from 'dynalite/db/index.js';
import { BerthError } from '../../domain/errors.ts';
import { dynaliteApi } from './dynalite-api.ts';
import type { DynamoApi } from './dynamo-api.ts';
import { repairDatabase } from './repair-database.ts';

/** A DynamoDB of one's own, inside this process, with its data on disk. */
export interface EmbeddedDynamoDb {
  readonly client: DynamoApi;
  /** Waits for what is under way, then lets go of the directory. */
  close(): Promise<void>;
}

/** Says that the last process closed the database; beside dynalite's keys, which begin otherwise. */
const closedMark = 'berth~closed';
/** Values read from the disk at once. */
const readAhead = 100;

/**
 * Opens the database in a directory. What was acknowledged survives the end of this process, however it ends; a loss
 * of power may cost the last writes.
 *
 * @param options.directory made where it is missing; for one process at a time.
 * @throws BerthError `data_dir_in_use`; `config_invalid` where the directory cannot be used.
 */
export async function startEmbeddedDynamoDb(options: { directory: string }): Promise<EmbeddedDynamoDb> {
  const { directory } = options;
  const store = await openDatabase(directory);
  const { db } = store;
  if ((await db.get(closedMark)) === undefined) await repairDatabase(db);
  await db.del(closedMark);
  return {
    client: dynaliteApi(store),
    async close() {
      await db.put(closedMark, true);
      await db.close();
    },
  };
}

async function openDatabase(directory: string): Promise<Store> {
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    const store = dynalite.create({ path: directory, createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 });
    closeWhatIsRead(store.db);
    await store.db.open();
    return store;
  } catch (error) {
    throw unusable(directory, error);
  }
}

/**
 * dynalite 4.0.0 never closes an iterator that it has read to its end. Each holds a snapshot, which keeps LevelDB
 * from forgetting what was overwritten since: every query would be slower than the one before it.
 */
function closeWhatIsRead(db: Database): void {
  db.createValueStream = (range) => Readable.from(valuesOf(db, range));
}

async function* valuesOf(db: Database, range: Range): AsyncGenerator<unknown> {
  const values = db.values(range);
  try {
    for (;;) {
      const batch = await values.nextv(readAhead);
      if (batch.length === 0) return;
      yield* batch;
    }
  } finally {
    await values.close();
  }
}

/** LevelDB's lock is let go by the kernel when its process ends, also by kill -9. */
function unusable(directory: string, error: unknown): BerthError {
  const reason = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const { code, message }: { code?: unknown; message: string } =
    reason instanceof Error ? reason : new Error(String(reason));
  if (code === 'LEVEL_LOCKED') {
    return new BerthError('data_dir_in_use', `Another Berth process works in ${directory}.`, {
      cause: error,
      hint: 'Stop that process, or set BERTH_DATA_DIR to another directory.',
    });
  }
  return new BerthError('config_invalid', `The database in ${directory} cannot be opened: ${message}`, {
    cause: error,
    hint: 'BERTH_DATA_DIR has to be a directory that this user may write to. A damaged database has to be restored from a copy, or moved away to begin anew.',
  });
}
