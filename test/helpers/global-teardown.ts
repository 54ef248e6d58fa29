import { rm } from 'node:fs/promises';
import { ownTemporaryDirectory } from './global-setup.ts';

/** Removes the directory that `global-setup.ts` made, and no other. */
// biome-ignore lint/style/noDefaultExport: jest takes a global teardown by its default export
export default async function tidyUp(): Promise<void> {
  const directory = process.env[ownTemporaryDirectory];
  if (directory !== undefined) await rm(directory, { recursive: true, force: true, maxRetries: 5 });
}
