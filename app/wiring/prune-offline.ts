import { runFiles } from '../adapters/files/run-files.ts';
import { systemClock } from '../adapters/system/system-clock.ts';
import { createPruner } from '../core/runs/prune-runs.ts';
import { omitUndefined } from '../lib/omit-undefined.ts';
import type { Config } from './config/config.ts';
import { openStoppedStore } from './open-stopped-store.ts';
import { silentLog } from './silent-log.ts';

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
    const retention = { runFiles: runFiles(config.dataDir), days: olderThanDays, runs: keep };
    const prune = createPruner({ store, log: silentLog, clock: systemClock }, omitUndefined(retention));
    const now = systemClock.now();
    let deleted = 0;
    for (let isComplete = false; !isComplete; ) {
      const pruned = await prune(now);
      deleted += pruned.deleted;
      isComplete = pruned.isComplete;
    }
    return { deleted };
  } finally {
    await database.close();
  }
}
