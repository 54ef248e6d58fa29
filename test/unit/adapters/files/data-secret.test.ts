import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { loadDataSecret } from '../../../../app/adapters/files/data-secret.ts';
import { systemIds } from '../../../../app/adapters/system/system-ids.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../../../helpers/temporary-directory.ts';

describe('the secret of a data directory', () => {
  let directory: TemporaryDirectory;
  beforeEach(async () => {
    directory = await temporaryDirectory();
  });
  afterEach(() => directory.remove());

  it('is created once, and then read', async () => {
    const first = await loadDataSecret(directory.path, systemIds);
    expect(await loadDataSecret(directory.path, systemIds)).toEqual(first);
    expect(first.signingKey).toHaveLength(32);
  });

  it('is readable only by its owner', async () => {
    await loadDataSecret(directory.path, systemIds);
    expect((await stat(join(directory.path, 'objects.key'))).mode & 0o777).toBe(0o600);
  });

  it('is the same for parallel creations', async () => {
    const secrets = await Promise.all(
      Array.from({ length: 10 }, () => loadDataSecret(directory.path, systemIds)),
    );
    expect(new Set(secrets.map(({ instance }) => instance)).size).toBe(1);
  });

  it('does not show in the public name of the data directory', async () => {
    const { signingKey, instance } = await loadDataSecret(directory.path, systemIds);
    expect(signingKey.toString('hex')).not.toContain(instance);
    expect(instance).toMatch(/^[0-9a-f]{16}$/);
  });

  it('is rejected with a hint if its file is damaged', async () => {
    await writeFile(join(directory.path, 'objects.key'), 'spoilt');
    await expect(loadDataSecret(directory.path, systemIds)).rejects.toMatchObject({
      code: 'config_invalid',
      hint: expect.stringContaining('Delete the file'),
    });
  });
});

describe('the secret of a data directory with BERTH_DATA_KEY', () => {
  const dataKey = 'k'.repeat(32);
  let directory: TemporaryDirectory;
  beforeEach(async () => {
    directory = await temporaryDirectory();
  });
  afterEach(() => directory.remove());
  const path = () => join(directory.path, 'objects.key');

  it('is encrypted on disk, also where it was written without the key', async () => {
    const plain = await loadDataSecret(directory.path, systemIds);
    expect(await loadDataSecret(directory.path, systemIds, dataKey)).toEqual(plain);
    const kept = await readFile(path(), 'utf8');
    expect(kept).not.toContain(plain.signingKey.toString('hex'));
    expect(await loadDataSecret(directory.path, systemIds, dataKey)).toEqual(plain);
    expect((await stat(path())).mode & 0o777).toBe(0o600);
  });

  it.each([[undefined], ['other'.repeat(10)]])('does not open with %s', async (other) => {
    await loadDataSecret(directory.path, systemIds, dataKey);
    await expect(loadDataSecret(directory.path, systemIds, other)).rejects.toMatchObject({
      code: 'config_invalid',
      hint: expect.stringContaining('BERTH_DATA_KEY'),
    });
  });
});
