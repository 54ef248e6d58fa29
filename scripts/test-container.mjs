/**
 * Runs the tests under test/container: with the Docker engine of this machine, or one that is started for them, and
 * with an image that is built for them, or the one that BERTH_RUNNER_IMAGE names. Arguments go to jest.
 */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findOrStartEngine } from './container/engine.mjs';
import { Missing } from './container/missing.mjs';
import { run } from './container/programs.mjs';
import { buildTestImage } from './container/test-image.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

async function main() {
  const engine = await findOrStartEngine();
  // An engine that was started here must not outlive an interrupt.
  for (const signal of ['SIGINT', 'SIGTERM'])
    process.once(signal, () => engine.stop().then(() => process.exit(1)));
  try {
    const image = process.env.BERTH_RUNNER_IMAGE ?? (await build(engine));
    return await jest({ DOCKER_HOST: engine.address, BERTH_RUNNER_IMAGE: image });
  } finally {
    await engine.stop();
  }
}

async function build({ docker }) {
  const image = 'berth-runner:test';
  await run(process.execPath, join(root, 'scripts', 'build.mjs'));
  await buildTestImage(docker, image, {
    cache: join(root, '.cache', 'container'),
    runner: join(root, 'runner-image', 'dist', 'runner.js'),
  });
  return image;
}

function jest(settings) {
  const program = join(root, 'node_modules', 'jest', 'bin', 'jest.js');
  const options = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'];
  const args = [
    ...options,
    program,
    '--config',
    join(root, 'jest.container.config.js'),
    ...process.argv.slice(2),
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
