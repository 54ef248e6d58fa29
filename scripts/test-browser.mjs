import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { runJest } from './testing/run-jest.mjs';

/** Tests the dashboard in Chromium. As root on Debian, installs Chromium first if it is missing. */
const candidates = [
  process.env.CHROMIUM,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
];
const found = () => candidates.find((path) => path !== undefined && existsSync(path));

function install() {
  if (process.getuid?.() !== 0 || spawnSync('apt-get', ['--version']).status !== 0) return;
  console.log('installing chromium by apt-get …');
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  spawnSync('apt-get', ['update', '-qq'], { stdio: 'inherit', env });
  spawnSync('apt-get', ['install', '-y', '-qq', 'chromium'], { stdio: ['ignore', 'ignore', 'inherit'], env });
}

if (found() === undefined) install();
const chromium = found();
if (chromium === undefined) {
  console.error('The dashboard tests need Chromium, which is not installed.');
  console.error('Install it (Debian: apt-get install chromium), or set CHROMIUM to its path.');
  process.exit(1);
}
process.exitCode = await runJest('browser', ['--runInBand', ...process.argv.slice(2)], {
  CHROMIUM: chromium,
});
