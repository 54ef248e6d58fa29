import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { openStoppedStore } from '../../../app/wiring/open-stopped-store.ts';
import { temporaryDirectory } from '../../helpers/temporary-directory.ts';

it('A mistyped data directory is an error, and leaves no files behind', async () => {
  const { path, remove } = await temporaryDirectory();
  await expect(openStoppedStore({ dataDir: join(path, 'dta') })).rejects.toMatchObject({
    code: 'config_invalid',
    message: expect.stringContaining('is not the data directory of a Berth server'),
  });
  expect(await readdir(path)).toEqual([]);
  await remove();
});
