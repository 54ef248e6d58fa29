import type { Config } from 'jest';
import buildBundles from './build-bundles.ts';
import ownDirectory from './global-setup.ts';

/** Builds the bundles, and makes the directory of `global-setup.ts`. */
// biome-ignore lint/style/noDefaultExport: jest takes a global setup by its default export
export default async function prepare(config: Config): Promise<void> {
  await ownDirectory();
  await buildBundles(config);
}
