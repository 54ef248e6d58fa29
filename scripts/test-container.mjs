/**
 * Runs the tests under test/container: with the Docker engine of this machine, or one that is started for them, and
 * with the runner's images, built from this tree. BERTH_RUNNER_IMAGE and BERTH_BROWSER_IMAGE name others that are there
 * already. Arguments go to jest.
 */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startEcrPrograms } from './container/ecr-programs.mjs';
import { findOrStartEngine } from './container/engine.mjs';
import { Missing } from './container/missing.mjs';
import { ensurePrograms, run } from './container/programs.mjs';
import { buildRunnerImages } from './container/runner-images.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

async function main() {
  await run(process.execPath, join(root, 'scripts', 'build.mjs'));
  const engine = await findOrStartEngine();
  let ecr;
  const stop = async () => {
    await ecr?.stop();
    await engine.stop();
  };
  // What was started here must not outlive an interrupt.
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => stop().then(() => process.exit(1)));
  try {
    const settings = { ...(await images(engine)), CHROMIUM: await chromium(), DOCKER_HOST: engine.address };
    ecr = await startEcrPrograms(join(root, '.cache'));
    const options =
      ecr === undefined ? ['--testPathIgnorePatterns', '/node_modules/', '/build-image-ecr'] : [];
    return await jest({ ...settings, ...ecr?.settings }, options);
  } finally {
    await stop();
  }
}

async function images(engine) {
  const { BERTH_RUNNER_IMAGE: base, BERTH_BROWSER_IMAGE: browser } = process.env;
  const named = { ...(base === undefined ? {} : { base }), ...(browser === undefined ? {} : { browser }) };
  const all =
    'base' in named && 'browser' in named ? named : { ...(await buildRunnerImages(engine)), ...named };
  return { BERTH_RUNNER_IMAGE: all.base, BERTH_BROWSER_IMAGE: all.browser };
}

/** A report is looked at in the browser of this machine. */
async function chromium() {
  if (process.env.CHROMIUM !== undefined) return process.env.CHROMIUM;
  await ensurePrograms({ chromium: 'chromium' });
  return '/usr/bin/chromium';
}

function jest(settings, more) {
  const program = join(root, 'node_modules', 'jest', 'bin', 'jest.js');
  const options = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'];
  const args = [
    ...options,
    program,
    '--config',
    join(root, 'jest.container.config.js'),
    ...process.argv.slice(2),
    ...more,
  ];
  const child = spawn(process.execPath, args, {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, ...settings },
  });
  return new Promise((resolve) => child.once('exit', (code) => resolve(code ?? 1)));
}

try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof Missing)) throw error;
  console.error(`The container tests cannot run here: ${error.message}`);
  process.exitCode = 1;
}
