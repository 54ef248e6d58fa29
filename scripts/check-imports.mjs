/** Runs dependency-cruiser and knip, which `npm ci` does not install: `npm run lint:code`. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { fetchPackages } from './fetched-packages.mjs';

// dependency-cruiser's other parsers do not read TypeScript 7.
const tools = fetchPackages('dependency-cruiser@17.4.3', '@swc/core@1.16.18', 'knip@6.44.2');
const run = (tool, ...args) => execFileSync(join(tools, '.bin', tool), args, { stdio: 'inherit' });

try {
  run('depcruise', '--config', '.dependency-cruiser.mjs', 'app', 'action', 'runner-image/src');
  run('knip');
} catch {
  // The tool has said why.
  process.exitCode = 1;
}
