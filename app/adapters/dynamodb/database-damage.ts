import { type FileHandle, open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Database } from 'dynalite/db/index.js';
import { BerthError } from '../../core/model/errors.ts';

/** The last eight bytes of every table of LevelDB, least significant first: `kTableMagicNumber`, in its `format.h`. */
const tableMagic = Buffer.from('57fb808b247547db', 'hex');
/** A larger database is not read completely at the start, because that would take minutes. */
const mostBytesReadAtStart = 64 * 1024 * 1024;
const readAhead = 1000;

/** Whether LevelDB reports corrupted files. Only some of these errors have a code. */
export function isDamage(error: unknown): error is { readonly message: string } {
  if (typeof error !== 'object' || error === null || !('message' in error)) return false;
  return /^Corruption:|^IO error: .*\.(?:ldb|sst): Invalid argument/.test(String(error.message));
}

/** @param reason the message of LevelDB. */
export function databaseDamaged(reason: string, cause?: unknown): BerthError {
  return new BerthError('database_damaged', `The database is damaged: ${reason}`, {
    cause,
    hint: 'Stop the server, and restore the data directory from a backup. To start with an empty database, move its directory `database` elsewhere.',
  });
}

/**
 * Checks the file `CURRENT`, without which LevelDB would open an empty database.
 *
 * @throws BerthError `database_damaged`
 */
export async function refuseMissingCurrent(directory: string): Promise<void> {
  const names = await readdir(directory);
  if (!names.includes('CURRENT') && names.some((name) => /\.(?:ldb|log|sst)$/.test(name))) {
    throw databaseDamaged(`the file CURRENT is missing in ${directory}, but its data still exists.`);
  }
}

/**
 * LevelDB reads its tables only when it needs them. Checks the ends of the tables that an open database uses, and not
 * of all in its directory: a process that is killed during a compaction leaves an incomplete table that belongs to
 * no database. The next one removes it.
 *
 * @returns the size of all tables, in bytes.
 * @throws BerthError `database_damaged`
 */
export async function refuseDamagedTables(directory: string, db: Database): Promise<number> {
  let bytes = 0;
  // A line for each table: ` 12:4096['first key' .. 'last key']`.
  for (const [, number = '', size] of db.getProperty('leveldb.sstables').matchAll(/^ (\d+):(\d+)\[/gm)) {
    await refuseDamagedTable(join(directory, number.padStart(6, '0')));
    bytes += Number(size);
  }
  return bytes;
}

async function refuseDamagedTable(path: string): Promise<void> {
  const file = await openExisting([`${path}.ldb`, `${path}.sst`]);
  // A compaction has replaced it since. LevelDB does not open without a table that it needs.
  if (file === undefined) return;
  try {
    const { size } = await file.stat();
    const end = Buffer.alloc(tableMagic.length);
    await file.read(end, 0, end.length, Math.max(0, size - end.length));
    if (!end.equals(tableMagic)) throw databaseDamaged(`${path} is incomplete.`);
  } finally {
    await file.close();
  }
}

async function openExisting(paths: readonly string[]): Promise<FileHandle | undefined> {
  for (const path of paths) {
    const file = await open(path).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined;
      throw error;
    });
    if (file !== undefined) return file;
  }
  return undefined;
}

/**
 * Reads every key of a database that is not large.
 *
 * @throws the error of LevelDB for a block that it cannot read
 */
export async function readAllKeys(db: Database, sizeBytes: number): Promise<void> {
  if (sizeBytes > mostBytesReadAtStart) return;
  const keys = db.keys({ keyEncoding: 'buffer' });
  try {
    while ((await keys.nextv(readAhead)).length > 0);
  } finally {
    await keys.close();
  }
}
