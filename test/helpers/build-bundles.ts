import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Config } from 'jest';

/** Builds the bundles once, because tests run the runner like its users: as one file, in a separate process. */
// biome-ignore lint/style/noDefaultExport: jest takes a global setup by its default export
export default async function buildBundles({ rootDir }: Config): Promise<void> {
  await promisify(execFile)(process.execPath, ['scripts/build.mjs'], { cwd: rootDir });
}
