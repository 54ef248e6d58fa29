import { spawn } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { Missing } from '../testing/missing.mjs';
import { succeeds } from '../testing/succeeds.mjs';

/** The search path, including the folders of administration programs. */
const path = [process.env.PATH ?? '', '/usr/sbin', '/sbin'].join(delimiter);

/** The environment of these programs, without interactive prompts. */
export const programEnvironment = { ...process.env, PATH: path, DEBIAN_FRONTEND: 'noninteractive' };

/** Runs a program with its output on stderr. Rejects if it fails. */
export function run(program, ...args) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ['ignore', 2, 2], env: programEnvironment });
    child.once('error', reject);
    child.once('exit', (code) =>
      code === 0 ? resolve() : reject(new Error(`${program} ${args.join(' ')} ended with ${code}`)),
    );
  });
}

async function hasProgram(name) {
  const folders = path.split(delimiter);
  const looks = folders.map((folder) => succeeds(access(join(folder, name), constants.X_OK)));
  return (await Promise.all(looks)).includes(true);
}

/**
 * Makes sure that programs exist, and installs their Debian packages if possible.
 *
 * @param {Record<string, string>} needed the program and its package
 * @throws Missing with the command that installs them
 */
export async function ensurePrograms(needed) {
  const missing = [];
  for (const [program, name] of Object.entries(needed)) if (!(await hasProgram(program))) missing.push(name);
  if (missing.length === 0) return;
  const command = `apt-get install --yes --no-install-recommends ${missing.join(' ')}`;
  if (process.getuid?.() !== 0 || !(await hasProgram('apt-get'))) {
    throw new Missing(`${missing.join(', ')} is missing. On Debian: sudo ${command}`);
  }
  console.error(`Installing ${missing.join(', ')} …`);
  await run('apt-get', 'update', '-qq');
  await run('apt-get', ...command.split(' ').slice(1), '-qq');
}
