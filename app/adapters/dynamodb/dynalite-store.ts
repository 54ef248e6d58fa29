import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import dynalite, {
  type Database,
  type Range,
  type Store,
  type SubDatabase,
  type Table,
  type Write,
} from 'dynalite/db/index.js';
import { BerthError } from '../../core/model/errors.ts';
import { omitUndefined } from '../../lib/omit-undefined.ts';
import {
  databaseDamaged,
  isDamage,
  readAllKeys,
  refuseDamagedTables,
  refuseMissingCurrent,
} from './database-damage.ts';

/** dynalite's database on disk, with three things that dynalite lacks. */
export interface DynaliteStore {
  /**
   * The database for one request: all its writes are stored in one batch or not at all.
   *
   * dynalite writes the index entries of an item and the item itself one after the other. A process that is killed in
   * between would leave a free stack that no read of the pool finds.
   */
  forRequest(): Store;
  /**
   * Resolves when the database takes requests: after a write that failed it is opened again.
   *
   * @throws BerthError `storage_full` if the disk is still full. The next call tries again.
   */
  ready(): Promise<void>;
  /**
   * Reads some items of a table, in the order of their keys.
   *
   * @param after `next` of the call before; if omitted, the first items.
   * @returns `next` undefined after the last item.
   */
  scan(
    table: string,
    after: string | undefined,
    limit: number,
  ): Promise<{ readonly items: readonly unknown[]; readonly next?: string }>;
  /** The first damage that a request met. */
  damage(): BerthError | undefined;
  close(): Promise<void>;
}

/** Values read from the disk in one call, as many as fit. */
const readAhead = { values: 100, highWaterMarkBytes: 1024 * 1024 };

/** Frees some space for a write that found the disk full. */
export type OnFull = () => Promise<void>;

/** @throws the error of LevelDB if the directory cannot be used; BerthError `database_damaged`. */
export async function openDynaliteStore(
  path: string,
  onFull: OnFull = async () => {},
): Promise<DynaliteStore> {
  await refuseMissingCurrent(path);
  let damage: BerthError | undefined;
  const named: NameError = (error) => {
    if (!isDamage(error)) return error;
    damage ??= databaseDamaged(error.message, error);
    return damage;
  };
  let current = await openStore(path, named);
  let reopening: Promise<void> | undefined;
  /** It could not be opened again, since the freed space was used by others, or the disk still fails. */
  let isClosed = false;
  let isFull = false;
  try {
    await readAllKeys(current.db, await refuseDamagedTables(path, current.db));
  } catch (error) {
    await current.db.close();
    throw named(error);
  }

  /** Part of a record may be at the end of the log: anything written after it would be lost at the next start. */
  async function reopen(): Promise<void> {
    try {
      if (isFull) await onFull();
      isClosed = true;
      await current.db.close();
      // LevelDB would create an empty database where the directory was deleted.
      await access(join(path, 'CURRENT'));
      current = await openStore(path, named);
      isClosed = false;
      isFull = false;
    } catch (error) {
      isFull = isDiskFull(error);
      throw isFull ? storageFull(path, error) : error;
    } finally {
      reopening = undefined;
    }
  }

  async function ready(): Promise<void> {
    if (isClosed) reopening ??= reopen();
    await reopening;
  }

  async function batch(writes: readonly Write[]): Promise<void> {
    try {
      await current.db.batch(writes);
    } catch (error) {
      if (isDiskFull(error)) isFull = true;
      if (isDiskFull(error) || isFailedWrite(error)) reopening ??= reopen();
      // A request that began before the database was closed may end after it.
      else if (!isClosed && reopening === undefined) throw named(error);
      await ready();
      await current.db.batch(writes);
    }
  }

  return {
    forRequest: () => writingAtOnce(current, batch, named),
    ready,
    async scan(table, after, limit) {
      const prefix = itemPrefix(table);
      const items: unknown[] = [];
      const range = { ...(after === undefined ? { gte: prefix } : { gt: after }), lt: `${prefix}~`, limit };
      let next: string | undefined;
      for await (const [key, value] of current.db.iterator(range)) {
        items.push(value);
        next = key;
      }
      return items.length < limit || next === undefined ? { items } : { items, next };
    },
    damage: () => damage,
    close: () => current.db.close(),
  };
}

type Batch = (writes: readonly Write[]) => Promise<void>;
/** Adds the code to an error that reports a damaged database. */
type NameError = (error: unknown) => unknown;

async function openStore(path: string, named: NameError): Promise<Store> {
  const store = dynalite.create({ path, createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 });
  const { db } = store;
  db.createValueStream = (range) => valuesOf(db, range, named);
  await db.open();
  try {
    await endMakingTables(db);
  } catch (error) {
    await db.close();
    throw error;
  }
  return { ...store, getTable: rememberingTables(store) };
}

/** LevelDB has no code for it, only the message of the system. */
export function isDiskFull(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return /no space left|ENOSPC|disk quota exceeded|EDQUOT/i.test(
    `${error.message} ${String(error.cause ?? '')}`,
  );
}

/** Any failure of the disk: an error of the device, a file system that became read-only, too many open files. */
function isFailedWrite(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'LEVEL_IO_ERROR';
}

export function storageFull(directory: string, cause: unknown): BerthError {
  return new BerthError('storage_full', `The disk of ${directory} is full.`, {
    cause,
    hint: 'Free some space on it. A running server then continues automatically. Restart a server that has ended.',
  });
}

function writingAtOnce(store: Store, batch: Batch, named: NameError): Store {
  const { db } = store;
  const writes: Write[] = [];
  return {
    ...store,
    getIndexDb(kind, table, index) {
      const prefix = `index-${kind.toLowerCase()}~${table}~${index}~`;
      return {
        ...store.getIndexDb(kind, table, index),
        put(key, value, done) {
          writes.push({ type: 'put', key: prefix + key, value });
          done(null);
        },
        del(key, done) {
          writes.push({ type: 'del', key: prefix + key });
          done(null);
        },
      };
    },
    // An action writes its item last.
    getItemDb(table) {
      const prefix = itemPrefix(table);
      const last = (write: Write, done: (error: Error | null) => void): void => {
        batch([...writes, write]).then(() => done(null), done);
      };
      const itemDb: SubDatabase = {
        ...store.getItemDb(table),
        get: (key, answer) =>
          readItem(db, prefix + key, (error, value) => answer(error && (named(error) as Error), value)),
        put: (key, value, done) => last({ type: 'put', key: prefix + key, value }, done),
        del: (key, done) => last({ type: 'del', key: prefix + key }, done),
      };
      return itemDb;
    },
  };
}

/** Reads are nearly always from memory: using another thread would take longer than reading here. */
function readItem(db: Database, key: string, answer: (error: Error | null, value?: unknown) => void): void {
  let value: unknown;
  try {
    value = db.getSync(key);
  } catch (error) {
    // LevelDB throws only errors.
    return void setImmediate(answer, error as Error);
  }
  setImmediate(answer, null, value);
}

/**
 * dynalite 4.0.0 never closes an iterator that it has read completely. Each holds a snapshot, which keeps LevelDB
 * from forgetting what was overwritten since: every query would be slower than the one before it.
 */
function valuesOf(db: Database, range: Range, named: NameError): Readable {
  let values: ReturnType<Database['values']> | undefined;
  let left = range.limit === undefined || range.limit < 0 ? Number.POSITIVE_INFINITY : range.limit;
  return new Readable({
    objectMode: true,
    async read() {
      try {
        values ??= db.values({ ...range, highWaterMarkBytes: readAhead.highWaterMarkBytes });
        const batch = await values.nextv(readAhead.values);
        for (const value of batch) this.push(value);
        left -= batch.length;
        if (batch.length === 0 || left <= 0) this.push(null);
      } catch (error) {
        // LevelDB throws only errors.
        this.destroy(named(error) as Error);
      }
    },
    destroy(error, done) {
      if (values === undefined) return done(error);
      values.close().then(() => done(error), done);
    },
  });
}

/** The keys of a table's items begin with this. */
function itemPrefix(table: string): string {
  return `item-${table}~`;
}

/**
 * dynalite reads the definition of the table from disk for every request. The definition of a usable table never
 * changes, because no operation that would change it is available.
 */
function rememberingTables(store: Store): Store['getTable'] {
  const known = new Map<string, Table>();
  return (name, checkOrAnswer, maybeAnswer) => {
    const answer = typeof checkOrAnswer === 'function' ? checkOrAnswer : maybeAnswer;
    const table = known.get(name);
    if (table !== undefined) return queueMicrotask(() => answer?.(null, table));
    store.getTable(name, checkOrAnswer, (error, found) => {
      if (found?.TableStatus === 'ACTIVE') known.set(name, found);
      answer?.(error, found);
    });
  };
}

/** Completes a table whose creation was interrupted by a kill; dynalite would never complete it. */
async function endMakingTables(db: Database): Promise<void> {
  for await (const [key, value] of db.iterator({ gte: 'table~', lt: 'table~~' })) {
    // Only dynalite writes it, whose version is pinned.
    const table = value as Table;
    if (table.TableStatus === 'ACTIVE') continue;
    const indexes = table.GlobalSecondaryIndexes?.map((index) => ({ ...index, IndexStatus: 'ACTIVE' }));
    const made = {
      ...table,
      TableStatus: 'ACTIVE',
      ...omitUndefined({ GlobalSecondaryIndexes: indexes }),
    };
    await db.batch([{ type: 'put', key, value: made }]);
  }
}
