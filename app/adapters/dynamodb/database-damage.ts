import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Database } from 'dynalite/db/index.js';
import { BerthError } from '../../core/model/errors.ts';

/** The last eight bytes of every table of LevelDB, least significant first: `kTableMagicNumber`, in its `format.h`. */
const tableMagic = Buffer.from('57fb808b247547db', 'hex');
/** A database with larger tables is read completely only as it is used, because a start should take no minutes. */
const mostBytesReadAtStart = 64 * 1024 * 1024;
const readAhead = 1000;

/** Whether LevelDB says that its files are not as it wrote them. It has a code for some of these errors only. */
export function isDamage(error: unknown): error is { readonly message: string } {
  if (typeof error !== 'object' || error === null || !('message' in error)) return false;
  return /^Corruption:|^IO error: .*\.(?:ldb|sst): Invalid argument/.test(String(error.message));
}

/** @param reason what LevelDB says. */
export function databaseDamaged(reason: string, cause?: unknown): BerthError {
  return new BerthError('database_damaged', `The database is damaged: ${reason}`, {
    cause,
    hint: 'Stop the server, and restore the data directory from a backup. To start with an empty database, move its directory `database` away.',
  });
}

/**
 * LevelDB makes an empty database in place of one that lost its file `CURRENT`, and looks into its tables only when it
 * needs them.
 *
 * @returns the size of all tables, in bytes.
 * @throws BerthError `database_damaged`
 */
export async function refuseDamagedFiles(directory: string): Promise<number> {
  const names = await readdir(directory);
  const tables = names.filter((name) => /\.(?:ldb|sst)$/.test(name));
  if (!names.includes('CURRENT') && names.some((name) => /\.(?:ldb|log|sst)$/.test(name))) {
    throw databaseDamaged(`the file CURRENT is missing in ${directory}, and its data is still there.`);
  }
  let bytes = 0;
  for (const name of tables) bytes += await sizeOfTable(join(directory, name));
  return bytes;
}

async function sizeOfTable(path: string): Promise<number> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const end = Buffer.alloc(tableMagic.length);
    await file.read(end, 0, end.length, Math.max(0, size - end.length));
    if (!end.equals(tableMagic)) throw databaseDamaged(`${path} is incomplete.`);
    return size;
  } finally {
    await file.close();
  }
}

/**
 * Reads every key of a database that is not large.
 *
 * @throws what LevelDB throws for a block that it cannot read
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
