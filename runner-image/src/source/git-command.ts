import { spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { killGroup, type ProcessGroup, processTagVariable } from '../process/process-group.ts';
import { RunnerError } from '../runner-error.ts';

/** Maximum size of git's output, which is used for error messages. */
const maxOutputBytes = 64 * 1024;

export interface GitEnd {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs git in the checkout.
 *
 * @throws the reason of `signal` if it fires, after git has ended
 */
export type Git = (args: readonly string[]) => Promise<GitEnd>;

export interface GitOptions {
  readonly directory: string;
  readonly env: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

/** Creates git with an environment and a directory. All its processes end when the run is canceled. */
export function createGit({ directory, env, signal }: GitOptions): Git {
  return async (args) => {
    signal.throwIfAborted();
    const child = spawn('git', ['-C', directory, ...args], {
      env,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const end = new Promise<number | null>((resolve, reject) => {
      child.once('error', (error) =>
        reject(new RunnerError('runner_failed', `git could not start: ${error.message}.`, error)),
      );
      child.once('close', resolve);
    });
    const stop = () => {
      if (child.pid !== undefined) void killGroup(groupOf(child.pid, env));
    };
    signal.addEventListener('abort', stop);
    try {
      const [exitCode, stdout, stderr] = await Promise.all([end, textOf(child.stdout), textOf(child.stderr)]);
      signal.throwIfAborted();
      return { exitCode, stdout, stderr };
    } finally {
      signal.removeEventListener('abort', stop);
    }
  };
}

function groupOf(pgid: number, env: Readonly<Record<string, string>>): ProcessGroup {
  return { pgid, tag: env[processTagVariable] ?? '' };
}

async function textOf(stream: Readable): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream) {
    if (size < maxOutputBytes) chunks.push(chunk);
    size += chunk.length;
  }
  return Buffer.concat(chunks).toString('utf8').slice(0, maxOutputBytes);
}
