import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { prepareDataDirectory } from '../../../../app/adapters/files/prepare-data-directory.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../../../helpers/temporary-directory.ts';

let directory: TemporaryDirectory;

beforeEach(async () => {
  directory = await temporaryDirectory();
});
afterEach(() => directory.remove());

describe('the data directory', () => {
  it('is created with its parents and keeps itself out of git', async () => {
    const path = join(directory.path, 'a', 'b', '.berth');
    await prepareDataDirectory(path);
    expect(await readFile(join(path, '.gitignore'), 'utf8')).toBe('*\n');
  });

  it('stays unchanged if it exists', async () => {
    const path = join(directory.path, 'data');
    await mkdir(path);
    await prepareDataDirectory(path);
    await expect(readFile(join(path, '.gitignore'))).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('is rejected with a hint if it is a file, or below one', async () => {
    const path = join(directory.path, 'file');
    await writeFile(path, '');
    const refusal = { code: 'config_invalid', hint: expect.stringContaining('--data-dir') };
    await expect(prepareDataDirectory(path)).rejects.toMatchObject(refusal);
    await expect(prepareDataDirectory(join(path, 'below'))).rejects.toMatchObject(refusal);
  });

  // `mkdir` with `recursive` never returns here.
  it('is rejected in and below /proc', async () => {
    if (process.platform !== 'linux') return;
    await expect(prepareDataDirectory('/proc/berth/data')).rejects.toMatchObject({ code: 'config_invalid' });
    await expect(prepareDataDirectory('/proc/self/fd')).rejects.toMatchObject({ code: 'config_invalid' });
    await expect(prepareDataDirectory('/proc/berth')).rejects.toMatchObject({ code: 'config_invalid' });
  });
});
