import { mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type DataDisk, dataDisk } from '../../../../app/adapters/files/data-disk.ts';
import { silentLogger } from '../../../helpers/silent-logger.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../../../helpers/temporary-directory.ts';

const mib = 1024 * 1024;

describe('the disk of a data directory', () => {
  let directory: TemporaryDirectory;
  let freeMib: number;
  let disk: DataDisk;
  beforeEach(async () => {
    directory = await temporaryDirectory();
    await writeFile(join(directory.path, 'objects.key'), '');
    freeMib = 1000;
    disk = dataDisk({
      dataDir: directory.path,
      log: silentLogger,
      minFreeBytes: 100 * mib,
      reserveBytes: 2 * mib,
      freeBytes: async () => freeMib * mib,
    });
  });
  afterEach(() => directory.remove());

  const hasReserve = async () => (await readdir(directory.path)).includes('reserve');

  it('has a reserve that really takes space', async () => {
    await disk.check();
    expect((await stat(join(directory.path, 'reserve'))).size).toBe(2 * mib);
  });

  it('refuses new runs below a threshold, and says how much is left', async () => {
    expect(await disk.problem()).toBeUndefined();
    freeMib = 99;
    expect(await disk.problem()).toMatchObject({
      code: 'storage_full',
      message: expect.stringContaining('99 MiB left'),
    });
    freeMib = 100;
    expect(await disk.problem()).toBeUndefined();
  });

  it('frees the reserve when the disk is full, and makes it again when there is space', async () => {
    await disk.check();
    freeMib = 0;
    await disk.check();
    expect(await hasReserve()).toBe(false);
    freeMib = 50;
    await disk.check();
    expect(await hasReserve()).toBe(false);
    freeMib = 1000;
    await disk.check();
    expect(await hasReserve()).toBe(true);
  });

  it('refuses everything when the data directory was deleted', async () => {
    await disk.check();
    expect(await disk.loss()).toBeUndefined();
    await rm(directory.path, { recursive: true });
    expect(await disk.loss()).toMatchObject({ code: 'data_dir_missing' });
    expect(await disk.problem()).toMatchObject({ code: 'data_dir_missing' });
    await disk.check();
  });

  it.each(['', 'database'])('refuses everything when another directory is in its place: %s', async (name) => {
    await mkdir(join(directory.path, 'database'));
    await disk.check();
    const path = join(directory.path, name);
    await rename(path, `${path}-moved`);
    await mkdir(join(directory.path, 'database'), { recursive: true });
    await writeFile(join(directory.path, 'objects.key'), '');
    expect(await disk.loss()).toMatchObject({ code: 'data_dir_missing' });
    await rm(`${path}-moved`, { recursive: true });
  });
});
