/**
 * Installs npm packages that few commands need, when they need them: `npm ci` stays small. The versions are exact, and
 * the folder is in `.cache`, so the second use needs no network.
 */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const cache = fileURLToPath(new URL('../.cache/', import.meta.url));

/** Installs packages, written `name@version`, the first time. @returns their `node_modules`. */
export function fetchPackages(...packages) {
  const directory = join(cache, 'packages', packages.join('+').replaceAll('/', '-'));
  const modules = join(directory, 'node_modules');
  // npm writes this file last.
  if (!existsSync(join(modules, '.package-lock.json'))) {
    // Without scripts: the package of Node 24 would replace the node of this project.
    const options = ['--no-save', '--ignore-scripts', '--no-audit', '--no-fund', '--silent'];
    execFileSync('npm', ['install', '--prefix', directory, ...options, ...packages], { stdio: 'inherit' });
  }
  return modules;
}
