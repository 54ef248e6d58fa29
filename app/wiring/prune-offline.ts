import { runFiles } from '../adapters/files/run-files.ts';
import { systemClock } from '../adapters/system/system-clock.ts';
import { laterOf, pruneRuns } from '../core/runs/prune-runs.ts';
import { later } from '../lib/later.ts';
import type { Config } from './config/config.ts';
import { openStoppedStore } from './open-stopped-store.ts';

const silent = { info() {}, warn() {}, error() {} };

/**
 * Deletes old runs from a data directory whose server is stopped.
 *
 * @throws BerthError `data_dir_in_use` while a server uses the directory; `config_invalid`.
 */
export async function pruneOffline(
  config: Pick<Config, 'dataDir' | 'aws'>,
  { olderThanDays, keep }: { readonly olderThanDays?: number; readonly keep?: number },
): Promise<{ readonly deleted: number }> {
  const database = await openStoppedStore(config);
  const { store } = database;
  try {
    const before =
      olderThanDays === undefined ? undefined : later(systemClock.now(), -olderThanDays * 24 * 3600);
    const deps = { store, log: silent, runFiles: runFiles(config.dataDir) };
    let deleted = 0;
    for (let isComplete = false; !isComplete; ) {
      const pruned = await pruneRuns(deps, async (projectId) =>
        laterOf(before, keep === undefined ? undefined : await store.runs.createdAtPlace(projectId, keep)),
      );
      deleted += pruned.deleted;
      isComplete = pruned.isComplete;
    }
    return { deleted };
  } finally {
    await database.close();
  }
}
