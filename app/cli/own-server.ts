import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { omitUndefined } from '../lib/omit-undefined.ts';
import type { CliContext } from './cli-context.ts';
import { apiOf, type BerthApi } from './connect.ts';
import { cacheFolder } from './keep-report.ts';

/** A server for one run, in this process. */
export interface OwnBerth {
  readonly api: BerthApi;
  /** Stops it, and removes what it wrote. */
  close(): Promise<void>;
}

/** Variables that say how tests run on this machine apply to this server too. */
const taskVariables = [
  'PATH',
  'HOME',
  'DOCKER_HOST',
  'BERTH_EXECUTOR',
  'BERTH_RUNNER_IMAGE',
  'BERTH_DOCKER_NETWORK',
  'BERTH_DOCKER_READONLY',
  'BERTH_TASK_DISK_GIB',
  'BERTH_PASS_ENV',
  'BERTH_LOG_LEVEL',
] as const;

/**
 * Starts a server for this process only: on a free port of the loopback address, with a random key, in a temporary
 * directory. It may read repositories of this machine with the rights of the user.
 *
 * It keeps nothing: two such servers share no stacks, so runs on them hold none.
 *
 * @param taskEnv `user` for the user's own checkout: its tests find the tools, settings and caches of the user.
 */
export async function startOwnServer(
  cli: Pick<
    CliContext,
    'env' | 'startServer' | 'guardOwnServer' | 'isolatedEnvironment' | 'transport' | 'unique'
  >,
  taskEnv: 'clean' | 'user',
): Promise<OwnBerth> {
  const directory = await mkdtemp(path.join(tmpdir(), 'berth-'));
  const apiKey = `berth_${cli.unique()}`;
  const remove = () => rm(directory, { recursive: true, force: true, maxRetries: 3 });
  try {
    const changes = { ...cli.isolatedEnvironment(taskVariables), BERTH_DATA_DIR: directory };
    const kept = taskVariables.map((name) => [name, cli.env[name]] as const);
    cli.guardOwnServer({ ...changes, ...omitUndefined(Object.fromEntries(kept)) });
    const server = await cli.startServer({
      ...changes,
      PORT: '0',
      BERTH_API_KEY: apiKey,
      BERTH_ALLOW_FILE_URLS: 'true',
      BERTH_TASK_ENV: taskEnv,
      BERTH_CACHE_DIR: path.join(cacheFolder(cli.env), 'caches'),
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
