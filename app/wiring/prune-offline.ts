import { join } from 'node:path';
import { createDynamoStore } from '../adapters/dynamodb/dynamo-store.ts';
import { startEmbeddedDynamoDb } from '../adapters/dynamodb/embedded-dynamodb.ts';
import { prepareDataDirectory } from '../adapters/files/prepare-data-directory.ts';
import { runFiles } from '../adapters/files/run-files.ts';
import { systemClock } from '../adapters/system/system-clock.ts';
import { pruneRuns } from '../core/runs/prune-runs.ts';
import { later } from '../lib/later.ts';
import type { Config } from './config/config.ts';

const silent = { info() {}, warn() {}, error() {} };

/**
 * Deletes old runs from a data directory whose server is stopped.
 *
 * @throws BerthError `data_dir_in_use` while a server uses the directory; `config_invalid`.
 */
export async function pruneOffline(
  { dataDir }: Pick<Config, 'dataDir'>,
  olderThanDays: number,
): Promise<{ readonly deleted: number }> {
  await prepareDataDirectory(dataDir);
  const database = await startEmbeddedDynamoDb({ directory: join(dataDir, 'database') });
  try {
    const store = createDynamoStore({ client: database.client, tableName: 'berth' });
    await store.prepare();
    const before = later(systemClock.now(), -olderThanDays * 24 * 3600);
    const deps = { store, log: silent, runFiles: runFiles(dataDir) };
    let deleted = 0;
    for (let isComplete = false; !isComplete; ) {
      const pruned = await pruneRuns(deps, before);
      deleted += pruned.deleted;
      isComplete = pruned.isComplete;
    }
    return { deleted };
  } finally {
    await database.close();
  }
}
