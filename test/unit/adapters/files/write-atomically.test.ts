import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { createAtomically, writeAtomically } from '../../../../app/adapters/files/write-atomically.ts';
import { temporaryDirectory } from '../../../helpers/temporary-directory.ts';

describe('a file that cannot be written', () => {
  it.each([
    ['replaced', writeAtomically],
    ['created', createAtomically],
  ])('leaves nothing behind: one that is %s', async (_, write) => {
    const directory = await temporaryDirectory();
    try {
      const path = join(directory.path, 'file');
      await mkdir(path);
      // Node refuses this content after the file is open, as a full disk refuses any.
      const content = { toString: 1 } as unknown as string;
      await expect(write(join(directory.path, 'other'), content)).rejects.toThrow();
      await write(path, 'text').catch(() => undefined);
      expect(await readdir(directory.path)).toEqual(['file']);
    } finally {
      await directory.remove();
    }
  });
});
