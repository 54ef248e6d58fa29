/**
 * Runs the fuzzers in test/system/security. `npm run test:security -- --seconds 900` gives each fuzzer 15 minutes;
 * further arguments go to jest.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const args = process.argv.slice(2);
const at = args.indexOf('--seconds');
const [, seconds = '10'] = at === -1 ? [] : args.splice(at, 2);

const jest = join(root, 'node_modules', 'jest', 'bin', 'jest.js');
const { status } = spawnSync(
  process.execPath,
  ['--experimental-vm-modules', jest, '--selectProjects', 'security', ...args],
  { cwd: root, stdio: 'inherit', env: { ...process.env, BERTH_FUZZ_SECONDS: seconds } },
);
process.exitCode = status ?? 1;
