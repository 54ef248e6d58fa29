import { startOf } from '../adapters/docker/create-container.ts';
import { connectEngine, engineAddress } from '../adapters/docker/docker-engine.ts';
import { type DockerExecutorOptions, dockerExecutor } from '../adapters/docker/docker-executor.ts';
import { type ProcessExecutorOptions, processExecutor } from '../adapters/process/process-executor.ts';
import { findIsolation } from '../adapters/process/task-isolation.ts';
import { BerthError } from '../core/model/errors.ts';
import { omitUndefined } from '../lib/omit-undefined.ts';
import type { Executor } from '../ports/executor.ts';
import { type Exposure, processWarning, refuseProcess } from './exposure.ts';

export type ExecutorSetting = 'auto' | 'process' | 'docker';

export interface ChooseExecutorOptions
  extends Omit<ProcessExecutorOptions, 'isolation'>,
    Omit<DockerExecutorOptions, 'engine' | 'stopGraceSeconds'> {
  readonly wanted: ExecutorSetting;
  readonly exposure: Exposure;
  /** `DOCKER_HOST`. If omitted, the usual places are tried. */
  readonly dockerHost?: string;
  readonly homeDir: string;
  /** Where Berth is installed: tasks cannot change it. */
  readonly installDir: string;
  /** Files with secrets of the server, which tasks see as empty. */
  readonly secretFiles: readonly string[];
}

export interface ExecutorChoice {
  readonly executor: Executor;
  /** The reason for the choice, for the first line of output. */
  readonly reason: string;
  /** Warnings for the person who runs the server. */
  readonly warning?: string;
}

/**
 * The configured executor. `auto` is docker if an engine answers and the image exists, otherwise process if no one
 * except the user of this machine can start runs.
 *
 * @throws BerthError `engine_unreachable` or `image_not_found` if docker is configured and not available,
 *   `isolation_required` if `auto` finds only the process executor on a server that others reach.
 */
export async function chooseExecutor(options: ChooseExecutorOptions): Promise<ExecutorChoice> {
  if (options.wanted === 'process') return processChoice(options, 'set by BERTH_EXECUTOR');
  try {
    const engine = await connectEngine(await engineAddress(options), options.platform);
    await startOf(engine, options.image);
    return {
      executor: dockerExecutor({ ...options, engine }),
      reason: `docker: engine ${engine.version} answers at ${engine.address} and has the image ${options.image}`,
    };
  } catch (error) {
    if (options.wanted === 'docker' || !(error instanceof BerthError)) throw error;
    refuseProcess(options.exposure, error.message);
    return processChoice(options, error.message);
  }
}

async function processChoice(options: ChooseExecutorOptions, why: string): Promise<ExecutorChoice> {
  const { platform, dataDir, installDir, homeDir, secretFiles, exposure } = options;
  // A run of the user's own checkout has the home directory of the user, whose tools write their caches there.
  const isUsers = options.taskEnv.HOME === homeDir;
  const found = await findIsolation({
    platform,
    dataDir,
    hiddenFiles: [...secretFiles, '/var/run/docker.sock', '/run/podman/podman.sock'],
    readOnlyDirectories: isUsers ? [] : [homeDir, installDir],
  });
  const noIsolation = found.isolation === undefined ? found.why : undefined;
  return omitUndefined({
    executor: processExecutor(omitUndefined({ ...options, isolation: found.isolation })),
    reason: `process: ${why}; ${noIsolation === undefined ? 'tasks are isolated by namespaces' : `no isolation (${noIsolation})`}`,
    warning: processWarning(exposure, noIsolation),
  });
}
