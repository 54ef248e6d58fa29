import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { startOf } from '../adapters/docker/create-container.ts';
import { connectEngine, engineAddress } from '../adapters/docker/docker-engine.ts';
import { BerthError } from '../core/model/errors.ts';
import type { ExecutorSetting } from './choose-executor.ts';
import { type Exposure, refuseProcess } from './exposure.ts';

const run = promisify(execFile);
const answerMs = 10_000;

export interface ExecutorQuestion {
  readonly wanted: ExecutorSetting;
  readonly dockerHost?: string;
  readonly homeDir: string;
  readonly image: string;
  readonly path: string;
  readonly platform: NodeJS.Platform;
  readonly exposure: Exposure;
}

/**
 * Whether tasks can be launched on this machine: the engine answers and has the image, or git is there for processes.
 *
 * @returns a description of what was found.
 * @throws BerthError with what to do.
 */
export async function checkExecutor(question: ExecutorQuestion): Promise<string> {
  if (question.wanted === 'process') return withGit(question.path);
  try {
    const engine = await connectEngine(await engineAddress(question), question.platform);
    await startOf(engine, question.image);
    return `docker: engine ${engine.version} answers at ${engine.address} and has the image ${question.image}`;
  } catch (error) {
    if (question.wanted === 'docker' || !(error instanceof BerthError)) throw error;
    refuseProcess(question.exposure, error.message);
    return `${await withGit(question.path)} (${error.message})`;
  }
}

async function withGit(path: string): Promise<string> {
  try {
    const { stdout } = await run('git', ['--version'], { env: { PATH: path }, timeout: answerMs });
    return `process: tests run as processes of this machine, with ${stdout.trim()}`;
  } catch (cause) {
    throw new BerthError('launch_failed', 'git is not in PATH, and runs begin with a clone.', {
      cause,
      hint: 'Install git, or put it into the PATH of the server.',
    });
  }
}
