import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { defaultTaskDiskGib } from '../adapters/files/data-disk.ts';
import { loadDataSecret } from '../adapters/files/data-secret.ts';
import { systemClock } from '../adapters/system/system-clock.ts';
import { installationIds, systemIds } from '../adapters/system/system-ids.ts';
import type { Executor } from '../ports/executor.ts';
import { readConfig } from './config/config.ts';
import { ownExecutor } from './own-executor.ts';
import { silentLog } from './silent-log.ts';

const pollMilliseconds = 200;
/** Longer than executors wait between TERM and KILL. */
const mostPolls = 300;

/** Gives the tests time to end by themselves, then removes them. */
async function endTasks(executor: Executor): Promise<void> {
  const listed = await executor.listTasks();
  let running = listed.filter(({ isStopped }) => !isStopped).map(({ task }) => task);
  for (const task of running) await executor.stop(task, 'The command that started this run has ended.');
  for (let poll = 0; running.length > 0 && poll < mostPolls; poll++) {
    await delay(pollMilliseconds);
    const statuses = await executor.describe(running);
    running = running.filter(({ arn }) => (statuses.get(arn)?.lastStatus ?? 'STOPPED') !== 'STOPPED');
  }
  for (const { task } of await executor.listTasks()) await executor.remove(task);
}

// The server of a `berth run` that was killed: its data directory is temporary, and no other process uses it.
const config = readConfig();
const { dataDir } = config;
const { instance, signingKey } = await loadDataSecret(dataDir, systemIds);
const { executor } = await ownExecutor(config, {
  // Nothing is launched here.
  baseUrl: 'http://127.0.0.1:1',
  hasGithub: false,
  instance,
  socketDirectory: join(dataDir, 'socket'),
  diskGib: await defaultTaskDiskGib(dataDir),
  clock: systemClock,
  ids: installationIds(async () => signingKey),
  log: silentLog,
});
await endTasks(executor);
await rm(dataDir, { recursive: true, force: true, maxRetries: 3 });
