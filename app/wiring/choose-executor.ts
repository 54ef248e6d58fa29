import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { startOf } from '../adapters/docker/create-container.ts';
import { connectEngine, type DockerEngine, engineAddress } from '../adapters/docker/docker-engine.ts';
import { type DockerExecutorOptions, dockerExecutor } from '../adapters/docker/docker-executor.ts';
import { type ProcessExecutorOptions, processExecutor } from '../adapters/process/process-executor.ts';
import { findIsolation } from '../adapters/process/task-isolation.ts';
import { BerthError } from '../core/model/errors.ts';
import { omitUndefined } from '../lib/omit-undefined.ts';
import type { Executor } from '../ports/executor.ts';
import type { Config } from './config/config.ts';
import { type Exposure, processWarning, refuseProcess } from './exposure.ts';

export interface ChooseExecutorOptions
  extends Omit<ProcessExecutorOptions, 'isolation'>,
    Omit<DockerExecutorOptions, 'engine' | 'stopGraceSeconds'> {
  readonly wanted: Config['executor'];
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
  const found = await findEngine(options);
  return found.engine === undefined
    ? processChoice(options, found.reason)
    : { executor: dockerExecutor({ ...options, engine: found.engine }), reason: found.reason };
}

/**
 * Whether tasks can be launched on this machine: the engine answers and has the image, or git is there for processes.
 *
 * @returns a description of what was found.
 * @throws BerthError with what to do.
 */
export async function checkExecutor(config: Config, exposure: Exposure): Promise<string> {
  const { executor: wanted, runnerImage: image } = config;
  const { engine, reason } = await findEngine({
    ...config,
    ...{ wanted, image, exposure, platform: process.platform },
  });
  if (engine !== undefined) return reason;
  const processes = `process: tests run as processes of this machine, with ${await gitVersion(config.path)}`;
  return wanted === 'process' ? processes : `${processes} (${reason})`;
}

type EngineQuestion = Pick<
  ChooseExecutorOptions,
  'wanted' | 'dockerHost' | 'homeDir' | 'image' | 'platform' | 'exposure'
>;

/** Finds the engine of docker with the runner's image. Without an engine, the reason says why tests run as processes. */
async function findEngine(
  options: EngineQuestion,
): Promise<{ readonly engine?: DockerEngine; readonly reason: string }> {
  if (options.wanted === 'process') return { reason: 'set by BERTH_EXECUTOR' };
  try {
    const engine = await connectEngine(await engineAddress(options), options.platform);
    await startOf(engine, options.image);
    const reason = `docker: engine ${engine.version} answers at ${engine.address} and has the image ${options.image}`;
    return { engine, reason };
  } catch (error) {
    if (options.wanted === 'docker' || !(error instanceof BerthError)) throw error;
    refuseProcess(options.exposure, error.message);
    return { reason: error.message };
  }
}

async function gitVersion(path: string): Promise<string> {
  try {
    const options = { env: { PATH: path }, timeout: 10_000 };
    return (await promisify(execFile)('git', ['--version'], options)).stdout.trim();
  } catch (cause) {
    throw new BerthError('launch_failed', 'git is not in PATH, and runs begin with a clone.', {
      cause,
      hint: 'Install git, or put it into the PATH of the server.',
    });
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
