import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { BerthApi } from './berth-api.ts';
import type { CliContext } from './cli-context.ts';
import { apiOf } from './connect.ts';

/** A server for one run, in this process. */
export interface OwnBerth {
  readonly api: BerthApi;
  /** Stops it, and removes what it wrote. */
  close(): Promise<void>;
}

/** What says how tests are run on this machine counts for this server as for any other. */
const taskVariables = [
  'PATH',
  'HOME',
  'DOCKER_HOST',
  'BERTH_EXECUTOR',
  'BERTH_RUNNER_IMAGE',
  'BERTH_DOCKER_NETWORK',
  'BERTH_DOCKER_READONLY',
  'BERTH_TASK_DISK_GIB',
  'BERTH_LOG_LEVEL',
] as const;

/**
 * Starts a server that this process alone uses: on a free port of the loopback address, with a key that nobody else
 * learns, in a directory of its own. It may read repositories of this machine, as whoever runs it may.
 *
 * It remembers nothing: two of them at once share no stacks, so runs on it hold none.
 */
export async function startOwnServer(
  cli: Pick<CliContext, 'startServer' | 'isolatedEnvironment' | 'transport' | 'unique'>,
): Promise<OwnBerth> {
  const directory = await mkdtemp(path.join(tmpdir(), 'berth-'));
  const apiKey = `berth_${cli.unique()}`;
  const remove = () => rm(directory, { recursive: true, force: true, maxRetries: 3 });
  try {
    const server = await cli.startServer({
      ...cli.isolatedEnvironment(taskVariables),
      PORT: '0',
      BERTH_DATA_DIR: directory,
      BERTH_API_KEY: apiKey,
      BERTH_ALLOW_FILE_URLS: 'true',
    });
    return {
      api: apiOf(cli, { url: server.url, apiKey }),
      async close() {
        await server.close();
        await remove();
      },
    };
  } catch (error) {
    await remove();
    throw error;
  }
}
