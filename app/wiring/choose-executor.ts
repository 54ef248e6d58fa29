import { startOf } from '../adapters/docker/create-container.ts';
import { connectEngine, engineAddress } from '../adapters/docker/docker-engine.ts';
import { type DockerExecutorOptions, dockerExecutor } from '../adapters/docker/docker-executor.ts';
import { type ProcessExecutorOptions, processExecutor } from '../adapters/process/process-executor.ts';
import { BerthError } from '../core/model/errors.ts';
import type { Executor } from '../ports/executor.ts';

export type ExecutorSetting = 'auto' | 'process' | 'docker';

export interface ChooseExecutorOptions
  extends ProcessExecutorOptions,
    Omit<DockerExecutorOptions, 'engine' | 'stopGraceSeconds'> {
  readonly wanted: ExecutorSetting;
  /** `DOCKER_HOST`; absent: the usual places are tried. */
  readonly dockerHost?: string;
  readonly homeDir: string;
}

export interface ExecutorChoice {
  readonly executor: Executor;
  /** For the start-up line: which executor, and why that one. */
  readonly reason: string;
}

/**
 * The executor that was asked for; with `auto`, docker where an engine answers and the image exists, else process.
 *
 * @throws BerthError `engine_unreachable` or `image_not_found` where docker was asked for and cannot be had.
 */
export async function chooseExecutor(options: ChooseExecutorOptions): Promise<ExecutorChoice> {
  if (options.wanted === 'process') {
    return { executor: processExecutor(options), reason: 'process: asked for by BERTH_EXECUTOR' };
  }
  try {
    const engine = await connectEngine(await engineAddress(options), options.platform);
    await startOf(engine, options.image);
    return {
      executor: dockerExecutor({ ...options, engine }),
      reason: `docker: engine ${engine.version} answers at ${engine.address} and has the image ${options.image}`,
    };
  } catch (error) {
    if (options.wanted === 'docker' || !(error instanceof BerthError)) throw error;
    return { executor: processExecutor(options), reason: `process: ${error.message}` };
  }
}
