/**
 * Runs the tests in test/system/container with the Docker engine of this machine, or with one that it starts, and with
 * runner images that it builds. BERTH_RUNNER_IMAGE and BERTH_BROWSER_IMAGE select existing images instead. All arguments
 * go to jest, except:
 *
 *   --platform linux/arm64   builds and tests the images for this platform, with QEMU if needed
 */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startEcrPrograms } from './container/ecr-programs.mjs';
import { ensureRuns, platforms, withoutSubreaper } from './container/emulation.mjs';
import { findOrStartEngine } from './container/engine.mjs';
import { ensurePrograms, run } from './container/programs.mjs';
import { buildRunnerImages } from './container/runner-images.mjs';
import { Missing } from './testing/missing.mjs';
import { exitWith, runJest } from './testing/run-jest.mjs';

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
    return await runJest('container', ['--runInBand', ...forJest, ...options], {
      ...settings,
      ...ecr?.settings,
    });
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

await exitWith('The container tests cannot run here', main);
