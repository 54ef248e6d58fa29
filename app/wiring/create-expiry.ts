import { cachesIn } from '../adapters/files/file-objects.ts';
import { removeStrayFiles } from '../adapters/files/stray-files.ts';
import { isWaiting, later } from '../lib/later.ts';
import type { Clock } from '../ports/clock.ts';
import type { Logger } from '../ports/logger.ts';
import type { OpenStore } from './open-store.ts';

export interface ExpiryOptions {
  readonly dataDir: string;
  readonly cacheDir?: string;
  readonly cacheDays: number;
  /** If omitted, nothing that belongs to runs is deleted. */
  readonly retentionDays: number | undefined;
  readonly database: Pick<OpenStore, 'store' | 'expire'>;
  readonly clock: Clock;
  readonly log: Logger;
}

const itemsEverySeconds = 30;
const filesEverySeconds = 6 * 3600;

/**
 * Deletes what a server with an embedded database keeps for a limited time: handled events, sessions and marks,
 * and files that belong to no run.
 *
 * @returns a function to call at every sweep. A failure is logged, and stops nothing else.
 */
export function createExpiry({
  dataDir,
  cacheDir = cachesIn(dataDir),
  cacheDays,
  retentionDays,
  database,
  clock,
  log,
}: ExpiryOptions): () => Promise<void> {
  const { store, expire } = database;
  const items = every(clock, itemsEverySeconds, async (now) => {
    await expire?.(now);
  });
  const files = every(clock, filesEverySeconds, async (now) => {
    const before = retentionDays === undefined ? new Date(0) : later(now, -retentionDays * 24 * 3600);
    const caches = { directory: cacheDir, before: later(now, -cacheDays * 24 * 3600) };
    await removeStrayFiles(dataDir, before, caches, async (id) => (await store.runs.get(id)) !== undefined);
  });
  return async () => {
    for (const work of [items, files]) {
      await work().catch((err: unknown) => log.error({ err }, 'expired data could not be deleted'));
    }
  };
}

function every(clock: Clock, seconds: number, work: (now: Date) => Promise<void>): () => Promise<void> {
  let dueAt = new Date(0);
  return async () => {
    const now = clock.now();
    if (isWaiting(dueAt, now, seconds)) return;
    dueAt = later(now, seconds);
    await work(now);
  };
}
