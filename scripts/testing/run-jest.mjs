import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Missing } from './missing.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));

/**
 * Runs a project of jest.config.js.
 *
 * @param {string} project
 * @param {readonly string[]} args for jest, besides the project
 * @param {Record<string, string | undefined>} settings variables of the tests, besides those of this process
 * @returns {Promise<number>} the exit code
 */
export function runJest(project, args, settings) {
  const program = join(root, 'node_modules', 'jest', 'bin', 'jest.js');
  const options = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'];
  // At the end, because it takes every argument that follows as the name of a project.
  const child = spawn(process.execPath, [...options, program, ...args, '--selectProjects', project], {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, ...settings },
  });
  return new Promise((resolve) => child.once('exit', (code) => resolve(code ?? 1)));
}

/**
 * Runs a project with several workers, each with different settings, see test/helpers/settings-of-worker.ts.
 *
 * @param {string} project
 * @param {readonly string[]} args for jest, besides the project
 * @param {readonly Record<string, string>[]} workers the settings of each worker
 * @param {Record<string, string | undefined>} settings the settings of all workers
 * @returns {Promise<number>} the exit code
 */
export function runJestWorkers(project, args, workers, settings) {
  return runJest(project, [`--maxWorkers=${workers.length}`, ...args], {
    ...settings,
    BERTH_TEST_WORKERS: JSON.stringify(workers),
  });
}

/**
 * Exits with the code that `main` returns, or explains which program is missing.
 *
 * @param {string} failure the start of the explanation
 * @param {() => Promise<number>} main
 */
export async function exitWith(failure, main) {
  try {
    process.exitCode = await main();
  } catch (error) {
    if (!(error instanceof Missing)) throw error;
    console.error(`${failure}: ${error.message}`);
    process.exitCode = 1;
  }
}
