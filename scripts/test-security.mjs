/**
 * Runs the security tests: a scanner for the REST API (schemathesis, from PyPI) and fuzzers for the parsers.
 * `npm run test:security -- --minutes 60` runs them for an hour instead of a minute; further arguments go to jest.
 */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { installFromPypi } from './aws-servers/install.mjs';
import { Missing } from './testing/missing.mjs';
import { exitWith, runJest } from './testing/run-jest.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Returns the value of `--minutes` and the arguments for jest. */
function readArguments(given) {
  const at = given.indexOf('--minutes');
  if (at === -1) return { minutes: 1, forJest: given };
  const minutes = Number(given[at + 1]);
  if (!(minutes > 0)) throw new Missing('--minutes must be a number greater than 0');
  return { minutes, forJest: given.toSpliced(at, 2) };
}

async function main() {
  const { minutes, forJest } = readArguments(process.argv.slice(2));
  const requirements = join(root, 'scripts', 'security', 'requirements.txt');
  const programs = await installFromPypi(join(root, '.cache'), 'schemathesis', requirements);
  return await runJest('security', ['--maxWorkers=100%', ...forJest], {
    BERTH_SECURITY_SECONDS: String(minutes * 60),
    SCHEMATHESIS: join(programs, 'schemathesis'),
  });
}

await exitWith('The security tests cannot run here', main);
