/**
 * Runs the tests in test/system/container with the Docker engine of this machine, or with one that it starts, and with
 * runner images that it builds. BERTH_RUNNER_IMAGE and BERTH_BROWSER_IMAGE select existing images instead. All arguments
 * go to jest, except:
 *
 *   --platform linux/arm64   builds and tests the images for this platform, with QEMU if needed
 */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startEcrPrograms } from './container/ecr-programs.mjs';
import { ensureRuns, platforms, withoutSubreaper } from './container/emulation.mjs';
import { findOrStartEngine } from './container/engine.mjs';
import { Missing } from './container/missing.mjs';
import { ensurePrograms, run } from './container/programs.mjs';
import { buildRunnerImages } from './container/runner-images.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

async function main() {
  const { platform, forJest } = readArguments(process.argv.slice(2));
  await run(process.execPath, join(root, 'scripts', 'build.mjs'));
  const engine = await findOrStartEngine();
  let ecr;
  const stop = async () => {
    await ecr?.stop();
    await engine.stop();
  };
  // An interrupt also stops the engine.
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => stop().then(() => process.exit(1)));
  try {
    const settings = {
      ...(await images(engine, platform)),
      CHROMIUM: await chromium(),
      DOCKER_HOST: engine.address,
    };
    ecr = await startEcrPrograms(join(root, '.cache'));
    const options =
      ecr === undefined ? ['--testPathIgnorePatterns', '/node_modules/', '/build-image-ecr'] : [];
    return await jest({ ...settings, ...ecr?.settings }, [...forJest, ...options]);
  } finally {
    await stop();
  }
}

function readArguments(given) {
  const at = given.findIndex((argument) => argument === '--platform' || argument.startsWith('--platform='));
  if (at === -1) return { platform: undefined, forJest: given };
  const named = given[at].split('=')[1];
  const platform = named ?? given[at + 1];
  if (!platforms.includes(platform)) throw new Missing(`--platform must be ${platforms.join(' or ')}`);
  return { platform, forJest: given.toSpliced(at, named === undefined ? 2 : 1) };
}

async function images(engine, platform) {
  const { BERTH_RUNNER_IMAGE: base, BERTH_BROWSER_IMAGE: browser } = process.env;
  const named = { ...(base === undefined ? {} : { base }), ...(browser === undefined ? {} : { browser }) };
  const all =
    'base' in named && 'browser' in named ? named : { ...(await built(engine, platform)), ...named };
  return { BERTH_RUNNER_IMAGE: all.base, BERTH_BROWSER_IMAGE: all.browser };
}

async function built(engine, platform) {
  const emulated = platform !== undefined && (await ensureRuns(platform, engine));
  const { base, browser } = await buildRunnerImages(engine, platform);
  if (!emulated) return { base, browser };
  const change = (name) => withoutSubreaper(engine.docker, name);
  return { base: await change(base), browser: await change(browser) };
}

/** Returns the browser that opens the reports. */
async function chromium() {
  if (process.env.CHROMIUM !== undefined) return process.env.CHROMIUM;
  await ensurePrograms({ chromium: 'chromium' });
  return '/usr/bin/chromium';
}

function jest(settings, given) {
  const program = join(root, 'node_modules', 'jest', 'bin', 'jest.js');
  const options = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'];
  const args = [...options, program, '--selectProjects', 'container', '--runInBand', ...given];
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
