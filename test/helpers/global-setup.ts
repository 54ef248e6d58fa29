import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { appKeyVariable, appPrivateKey } from './github-stand-in/app-identity.ts';

/** The directory of this test run. `global-teardown.ts` removes it. */
export const ownTemporaryDirectory = 'BERTH_TESTS_TEMPORARY_DIRECTORY';

/** Gives what the tests leave behind a directory that goes when they have ended. */
// biome-ignore lint/style/noDefaultExport: jest takes a global setup by its default export
export default async function prepare(): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'berth-tests-'));
  process.env[ownTemporaryDirectory] = directory;
  process.env.TMPDIR = directory;
  process.env[appKeyVariable] = appPrivateKey();
}
