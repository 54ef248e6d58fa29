import { mkdir, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { loadDataSecret } from '../../../../app/adapters/files/data-secret.ts';
import { type FileObjects, fileObjects } from '../../../../app/adapters/files/file-objects.ts';
import { systemIds } from '../../../../app/adapters/system/system-ids.ts';
import { describeObjects } from '../../../contract/objects.ts';
import { objectsServer } from '../../../helpers/objects-server.ts';
import { temporaryDirectory } from '../../../helpers/temporary-directory.ts';

async function servedObjects() {
  const directory = await temporaryDirectory();
  const dataDir = directory.path;
  let now = new Date('2030-01-01T00:00:00Z');
  const clock = { now: () => now };
  const { signingKey } = await loadDataSecret(dataDir, systemIds);
  const server = await objectsServer({ objects: () => objects, signingKey, clock });
  const objects = fileObjects({ dataDir, signingKey, baseUrl: server.url, clock });
  return {
    dataDir,
    objects,
    passSeconds: async (seconds: number) => {
      now = new Date(now.getTime() + seconds * 1000);
    },
    close: async () => {
      await server.close();
      await directory.remove();
    },
  };
}

describeObjects('the file system', servedObjects, { refusesTooLarge: true });

describe('objects in files', () => {
  let dataDir: string;
  let objects: FileObjects;
  let close: () => Promise<void>;
  beforeEach(async () => {
    ({ dataDir, objects, close } = await servedObjects());
  });
  afterEach(() => close());

  it('are stored under their key, readable only by their owner', async () => {
    await objects.put('test_reports/run-1/report.html', '<p>', 'text/html; charset=utf-8');
    const path = join(dataDir, 'objects/test_reports/run-1/report.html');
    expect(await readFile(path, 'utf8')).toBe('<p>');
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect((await stat(join(dataDir, 'objects/test_reports'))).mode & 0o777).toBe(0o700);
  });

  it.each([
    '../up',
    'a/../../up',
    '/etc/passwd',
    'a//b',
    './a',
    'a/',
    '',
    'a\\b',
    'a\0b',
    '.hidden',
    `${'x'.repeat(201)}`,
  ])('reject the key %j', async (key) => {
    await expect(objects.put(key, 'x', 'text/plain')).rejects.toMatchObject({ code: 'invalid_request' });
    await expect(objects.get(key)).rejects.toMatchObject({ code: 'invalid_request' });
    await expect(objects.delete(key)).rejects.toMatchObject({ code: 'invalid_request' });
    await expect(objects.grant({ key, method: 'GET', ttlSeconds: 1 })).rejects.toMatchObject({
      code: 'invalid_request',
    });
  });

  it('keep no part of an aborted upload', async () => {
    async function* breakingOff() {
      yield new Uint8Array(1000);
      throw new Error('the connection was lost');
    }
    await expect(objects.putStream('runs/1/result.json', breakingOff(), 'application/json')).rejects.toThrow(
      'the connection was lost',
    );
    expect(await objects.get('runs/1/result.json')).toBeUndefined();
    expect(await readdir(join(dataDir, 'objects/runs/1'))).toEqual([]);
  });

  it('do not treat a directory as an object', async () => {
    await mkdir(join(dataDir, 'objects/runs/1'), { recursive: true });
    expect(await objects.get('runs/1')).toBeUndefined();
  });

  it('have URLs that the client can reach', async () => {
    const grant = {
      key: 'a b/c',
      method: 'GET',
      ttlSeconds: 60,
      baseUrl: 'http+unix://%2Fberth%2Fberth.sock',
    } as const;
    expect(await objects.grant(grant)).toMatch(
      /^http\+unix:\/\/%2Fberth%2Fberth\.sock\/objects\/a%20b\/c\?expires=/,
    );
  });
});
