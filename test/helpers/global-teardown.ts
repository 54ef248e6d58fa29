import { ownTemporaryDirectory } from './global-setup.ts';
import { removeDirectory } from './temporary-directory.ts';

/** Removes the directory that `global-setup.ts` made, and no other. */
// biome-ignore lint/style/noDefaultExport: jest takes a global teardown by its default export
export default async function tidyUp(): Promise<void> {
  const directory = process.env[ownTemporaryDirectory];
  if (directory !== undefined) await removeDirectory(directory);
}
