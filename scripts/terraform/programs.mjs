import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/**
 * Runs a program and waits for it.
 *
 * @param {string} program
 * @param {string[]} args
 * @param {{cwd?: string, env?: Record<string, string | undefined>, timeoutSeconds?: number}} [options]
 * @returns {Promise<{ok: boolean, output: string}>} whether it exited with 0, and its output
 */
export async function attempt(program, args, { cwd, env = process.env, timeoutSeconds = 600 } = {}) {
  const options = { cwd, env, timeout: timeoutSeconds * 1_000, maxBuffer: 64 * 1024 * 1024 };
  try {
    const { stdout, stderr } = await execute(program, args, options);
    return { ok: true, output: stdout + stderr };
  } catch (error) {
    return { ok: false, output: `${error.stdout ?? ''}${error.stderr ?? ''}` || error.message };
  }
}
