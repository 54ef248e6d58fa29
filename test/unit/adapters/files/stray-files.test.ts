import { mkdir, readdir, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { removeStrayFiles } from '../../../../app/adapters/files/stray-files.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../../../helpers/temporary-directory.ts';

describe('files that nothing names', () => {
  let directory: TemporaryDirectory;
  beforeEach(async () => {
    directory = await temporaryDirectory();
  });
  afterEach(() => directory.remove());

  async function write(path: string, ageDays: number): Promise<void> {
    const file = join(directory.path, 'objects', path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, '');
    const at = new Date(Date.now() - ageDays * 24 * 3600 * 1000);
    await utimes(file, at, at);
    await utimes(dirname(file), at, at);
  }

  it('are deleted when they are older than the runs that are kept', async () => {
    await write('sources/uploads/shop/old.tar.gz', 40);
    await write('sources/uploads/shop/new.tar.gz', 1);
    await write('runs/gone/result.json', 40);
    await write('runs/known/result.json', 40);
    await write('runs/young/.draft-1', 2);
    await write('runs/young/result.json', 1);
    await write('caches/shop/scope/old-cache', 40);
    await write('caches/shop/scope/new-cache', 1);
    const before = new Date(Date.now() - 30 * 24 * 3600 * 1000);
    const caches = { directory: join(directory.path, 'objects', 'caches'), before };
    expect(await removeStrayFiles(directory.path, before, caches, async (id) => id === 'known')).toBe(4);
    const left = await readdir(join(directory.path, 'objects'), { recursive: true, withFileTypes: true });
    expect(left.filter((entry) => entry.isFile()).map(({ name }) => name)).toEqual(
      expect.arrayContaining(['new.tar.gz', 'result.json', 'new-cache']),
    );
    expect(left.map(({ name }) => name)).not.toContain('gone');
    expect(left.map(({ name }) => name)).not.toContain('old-cache');
    expect(left.map(({ name }) => name)).not.toContain('.draft-1');
  });

  it('are none in a data directory without objects', async () => {
    const caches = { directory: join(directory.path, 'caches'), before: new Date() };
    expect(await removeStrayFiles(directory.path, new Date(), caches, async () => false)).toBe(0);
  });
});
