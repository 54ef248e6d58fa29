import type { Dirent } from 'node:fs';
import { lstat, opendir, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';

export interface DiskWatchOptions {
  readonly limitMib: number;
  /** Directories that only the run writes to. */
  readonly directories: readonly string[];
  /** Only files written since then count. Time of the file system, in milliseconds. */
  readonly sinceMs: number;
  /** The log is on a disk too. */
  readonly logBytes: () => number;
  readonly everyMs?: number;
  /** The free space of each file system of the directories. */
  readonly freeBytes?: (directories: readonly string[]) => Promise<ReadonlyMap<number, number>>;
}

export interface DiskWatch {
  /** Fires when the run exceeds its disk limit. */
  readonly exceeded: AbortSignal;
  /** Counts now, whatever space is free: a quota may have ended a command before the watch noticed. */
  isExceeded(): Promise<boolean>;
  stop(): void;
}

const bytesPerMib = 1024 * 1024;
/** Counting files takes time. The next count waits this many times as long as the last one took. */
const restAfterCounting = 10;

/**
 * Watches how much a run has written, if no file system enforces its limit.
 *
 * Counts the files only after the disk has lost as much free space as the run may use. Until then a check is one system
 * call. The count is needed because other processes fill the disk too.
 */
export function watchDisk(options: DiskWatchOptions): DiskWatch {
  const { directories, logBytes, everyMs = 500, freeBytes = freeBytesOf } = options;
  const limitBytes = options.limitMib * bytesPerMib;
  const exceeded = new AbortController();
  let isStopped = false;
  let timer: NodeJS.Timeout | undefined;
  let before: ReadonlyMap<number, number> | undefined;

  async function isExceeded(): Promise<boolean> {
    return logBytes() + (await writtenBytes(directories, options.sinceMs, limitBytes)) > limitBytes;
  }

  async function look(): Promise<number> {
    const now = await freeBytes(directories);
    before ??= now;
    if (lostBytes(before, now) + logBytes() <= limitBytes) return everyMs;
    const begun = performance.now();
    if (await isExceeded()) exceeded.abort();
    return Math.max(everyMs, (performance.now() - begun) * restAfterCounting);
  }

  function again(afterMs: number): void {
    if (isStopped || exceeded.signal.aborted) return;
    timer = setTimeout(() => look().then(again, () => again(everyMs)), afterMs);
    timer.unref();
  }
  look().then(again, () => again(everyMs));

  return {
    exceeded: exceeded.signal,
    isExceeded,
    stop() {
      isStopped = true;
      clearTimeout(timer);
    },
  };
}

async function freeBytesOf(directories: readonly string[]): Promise<ReadonlyMap<number, number>> {
  const found = directories.map(async (path) => {
    const [{ dev }, disk] = await Promise.all([stat(path), statfs(path)]);
    return [dev, disk.bfree * disk.bsize] as const;
  });
  const settled = await Promise.allSettled(found);
  return new Map(settled.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : [])));
}

function lostBytes(before: ReadonlyMap<number, number>, now: ReadonlyMap<number, number>): number {
  return [...before].reduce((sum, [dev, free]) => sum + Math.max(0, free - (now.get(dev) ?? free)), 0);
}

/** Adds up the sizes of the files that changed since then. Stops above `enough`. */
async function writtenBytes(
  directories: readonly string[],
  sinceMs: number,
  enough: number,
): Promise<number> {
  let bytes = 0;
  const left = withoutNested(directories);
  for (let path = left.pop(); path !== undefined && bytes <= enough; path = left.pop()) {
    for await (const entry of entriesOf(path)) {
      const file = join(path, entry.name);
      // The file may have been removed.
      const found = await lstat(file).catch(() => undefined);
      if (found === undefined) continue;
      if (entry.isDirectory()) left.push(file);
      // Only the kernel sets the change time. Programs can set the other times.
      if (found.ctimeMs >= sinceMs) bytes += found.blocks * 512;
      if (bytes > enough) break;
    }
  }
  return bytes;
}

/** Removes nested directories, so nothing is counted twice. */
function withoutNested(directories: readonly string[]): string[] {
  return directories.filter(
    (path, at) =>
      directories.indexOf(path) === at && !directories.some((other) => path.startsWith(`${other}/`)),
  );
}

async function* entriesOf(path: string): AsyncGenerator<Dirent> {
  try {
    yield* await opendir(path);
  } catch {
    // Not readable, or removed.
  }
}
