import { open, rm, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { BerthError } from '../../core/model/errors.ts';
import type { Disk } from '../../ports/disk.ts';
import type { Logger } from '../../ports/logger.ts';
import { absent } from './read-if-exists.ts';

const mib = 1024 * 1024;

export interface DataDiskOptions {
  readonly dataDir: string;
  readonly log: Logger;
  /** No new run begins with less than this free. */
  readonly minFreeBytes?: number;
  /** Size of the reserve file, which lets runs end when a task has filled the disk. */
  readonly reserveBytes?: number;
  /** Free bytes of a file system; for tests. */
  readonly freeBytes?: (path: string) => Promise<number>;
}

export interface DataDisk extends Disk {
  /** Frees the reserve for a write that found the disk full. */
  freeReserve(): Promise<void>;
}

/**
 * Watches the disk of a data directory, which contains a reserve file: when tasks have filled the disk, the reserve is
 * freed, so that their runs can end and their files are deleted. Then the reserve is created again.
 */
export function dataDisk({
  dataDir,
  log,
  minFreeBytes = 256 * mib,
  reserveBytes = 64 * mib,
  freeBytes = freeBytesOf,
}: DataDiskOptions): DataDisk {
  const reserve = join(dataDir, 'reserve');
  const marker = join(dataDir, 'objects.key');
  /** The directories that the server works in, from the first check. */
  let known: readonly (string | undefined)[] | undefined;
  let isReported = false;

  const identities = (): Promise<readonly (string | undefined)[]> =>
    Promise.all([dataDir, join(dataDir, 'database')].map(identityOf));

  async function loss(): Promise<BerthError | undefined> {
    const now = await identities();
    known ??= now;
    const isThere = (await identityOf(marker)) !== undefined;
    const isSame = known.every((one, index) => one === undefined || one === now[index]);
    if (isThere && isSame) return undefined;
    return new BerthError(
      'data_dir_missing',
      `The data directory ${dataDir} was deleted or replaced while Berth was running.`,
      { hint: 'Stop the server. Restore the directory from a backup, or start with a new one.' },
    );
  }

  async function freeReserve(): Promise<void> {
    if ((await stat(reserve).catch(absent)) === undefined) return;
    await rm(reserve, { force: true });
    log.warn({ dataDir }, 'the disk is full: its reserve was freed, so that runs can end');
  }

  async function makeReserve(): Promise<void> {
    const file = await open(reserve, 'wx', 0o600).catch(() => undefined);
    if (file === undefined) return;
    try {
      const block = Buffer.alloc(mib, 1);
      for (let written = 0; written < reserveBytes; written += mib) await file.write(block);
    } catch {
      await rm(reserve, { force: true });
    } finally {
      await file.close();
    }
  }

  return {
    freeReserve,
    loss,

    async problem() {
      const lost = await loss();
      if (lost !== undefined) return lost;
      const free = await freeBytes(dataDir);
      if (free >= minFreeBytes) return undefined;
      const left = `${Math.floor(free / mib)} MiB`;
      return new BerthError(
        'storage_full',
        `The disk of ${dataDir} has ${left} left; new runs need ${minFreeBytes / mib} MiB.`,
        {
          hint: 'Free some space, or delete old runs with `berth prune`. Berth then accepts runs again automatically.',
        },
      );
    },

    async check() {
      const lost = await loss();
      if (lost !== undefined) {
        if (!isReported) log.error({ err: lost }, lost.message);
        isReported = true;
        return;
      }
      const free = await freeBytes(dataDir);
      if (free < reserveBytes / 2) await freeReserve();
      else if (free > minFreeBytes + reserveBytes) await makeReserve();
    },
  };
}

/** @returns undefined if there is nothing at the path. */
async function identityOf(path: string): Promise<string | undefined> {
  const found = await stat(path).catch(absent);
  return found && `${found.dev} ${found.ino}`;
}

async function freeBytesOf(path: string): Promise<number> {
  const { bavail, bsize } = await statfs(path);
  return bavail * bsize;
}

const smallestTaskGib = 1;
const largestTaskGib = 20;

/** The default disk limit of a task: half of the free space, but not more than on Fargate. */
export async function defaultTaskDiskGib(dataDir: string): Promise<number> {
  const half = Math.floor((await freeBytesOf(dataDir)) / 1024 ** 3 / 2);
  return Math.min(largestTaskGib, Math.max(smallestTaskGib, half));
}
