import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { extract } from 'tar';
import { createDynamoStore } from '../../app/adapters/dynamodb/dynamo-store.ts';
import {
  type EmbeddedDynamoDb,
  startEmbeddedDynamoDb,
} from '../../app/adapters/dynamodb/embedded-dynamodb.ts';
import { projectId, runId } from '../../app/core/model/ids.ts';
import type { Executor } from '../../app/ports/executor.ts';
import type { Store } from '../../app/ports/store.ts';
import { removeDirectory } from './temporary-directory.ts';

/** The project of the stored data, and the table that it is in. */
export const storedProject = projectId('gh-4711');
export const storedTable = 'berth';

export interface StoredData {
  readonly database: EmbeddedDynamoDb;
  readonly store: Store;
  close(): Promise<void>;
}

/** Opens a copy of a data directory that 0.1.0 wrote. */
export async function openStoredData(): Promise<StoredData> {
  const directory = await mkdtemp(join(tmpdir(), 'berth-stored-'));
  await extract({ file: 'test/fixtures/data-0.1.0.tar.gz', cwd: directory });
  const database = await startEmbeddedDynamoDb({ directory: join(directory, 'database') });
  const store = createDynamoStore({ client: database.client, tableName: storedTable });
  await store.prepare();
  return {
    database,
    store,
    async close() {
      await database.close();
      await removeDirectory(directory);
    },
  };
}

/** Starts the task of the run `running`, which 0.1.0 launched. */
export async function launchStoredTask(executor: Executor): Promise<void> {
  await executor.launch({
    runId: runId('running'),
    projectId: storedProject,
    launch: 1,
    jobUrl: 'memory:',
    cpuUnits: 1,
    memoryMib: 1,
    timeoutSeconds: 1,
    env: {},
    untrusted: false,
  });
}
