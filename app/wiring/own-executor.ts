import { join } from 'node:path';
import { omitUndefined } from '../lib/omit-undefined.ts';
import type { Clock, Ids } from '../ports/clock.ts';
import type { Logger } from '../ports/logger.ts';
import { chooseExecutor } from './choose-executor.ts';
import type { Config } from './config/config.ts';
import { exposureOf } from './exposure.ts';
import { packageRoot } from './package-root.ts';

/** Chooses what runs the tasks of a server on its own machine: Docker or processes. */
export function ownExecutor(
  config: Config,
  options: {
    /** Where this server is reached on this machine. */
    readonly baseUrl: string;
    readonly hasGithub: boolean;
    readonly instance: string;
    readonly socketDirectory: string;
    readonly diskGib: number;
    readonly clock: Clock;
    readonly ids: Ids;
    readonly log: Logger;
  },
) {
  const { baseUrl, instance, socketDirectory, diskGib, clock, ids, log } = options;
  const root = packageRoot(import.meta.url);
  return chooseExecutor({
    wanted: config.executor,
    exposure: exposureOf(config, options.hasGithub),
    installDir: root,
    secretFiles: config.secretFiles,
    dataDir: config.dataDir,
    instance,
    image: config.runnerImage,
    ...omitUndefined({ dockerHost: config.dockerHost }),
    homeDir: config.homeDir,
    socketDirectory,
    port: Number(new URL(baseUrl).port),
    network: config.dockerNetwork,
    readonlyRootfs: config.dockerReadonly,
    diskGib,
    runnerPath: join(root, 'runner-image/dist/runner.js'),
    nodePath: process.execPath,
    taskEnv: config.taskEnv,
    objectsBaseUrl: baseUrl,
    clock,
    ids,
    logger: log,
    platform: process.platform,
  });
}
