import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { readArchiveEntry } from '../../../app/http/read-archive-entry.ts';

const directory = mkdtempSync(join(tmpdir(), 'berth-archive-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** Cannot be compressed, so that the archive is larger than the buffers of streams. */
const large = randomBytes(500_000);

/** Made by the system's tar, which is independent of Berth's reader. */
function archive(): Buffer {
  const root = join(directory, 'root');
  mkdirSync(join(root, 'reports/deep'), { recursive: true });
  writeFileSync(join(root, 'first.txt'), 'first');
  writeFileSync(join(root, 'reports/deep/größe 1.txt'), 'nested');
  writeFileSync(join(root, 'large.bin'), large);
  writeFileSync(join(root, 'empty'), '');
  symlinkSync('/etc/passwd', join(root, 'link'));
  const file = join(directory, 'artifacts.tar.gz');
  execFileSync('tar', ['-czf', file, '-C', root, 'first.txt', 'reports', 'large.bin', 'empty', 'link']);
  return readFileSync(file);
}

/** The bytes as storage hands them out, and how many pieces were requested. */
function stream(bytes: Uint8Array, pieceBytes = 1000) {
  const asked = { pieces: 0, cancelled: false };
  const body = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        const start = asked.pieces * pieceBytes;
        asked.pieces += 1;
        if (start >= bytes.length) controller.close();
        else controller.enqueue(bytes.subarray(start, start + pieceBytes));
      },
      cancel() {
        asked.cancelled = true;
      },
    },
    { highWaterMark: 0 },
  );
  return { body, asked };
}

const bytes = archive();
const textOf = async (path: string) => {
  const entry = await readArchiveEntry(stream(bytes).body, path);
  return entry === undefined ? undefined : new Response(entry.body).text();
};

describe('readArchiveEntry', () => {
  it('reads a file of an archive, with its size', async () => {
    const entry = await readArchiveEntry(stream(bytes).body, 'first.txt');
    expect(entry?.sizeBytes).toBe(5);
    expect(await new Response(entry?.body).text()).toBe('first');
  });

  it('reads files in directories, with non-ASCII names, and empty ones', async () => {
    expect(await textOf('reports/deep/größe 1.txt')).toBe('nested');
    expect(await textOf('empty')).toBe('');
  });

  it('reads a file of many pieces whole', async () => {
    const entry = await readArchiveEntry(stream(bytes).body, 'large.bin');
    const read = Buffer.from(await new Response(entry?.body).arrayBuffer());
    expect(read.equals(large)).toBe(true);
  });

  it.each([['nothing'], ['reports'], ['link'], ['../first.txt'], ['/first.txt'], ['']])(
    'finds nothing at %j',
    async (path) => {
      expect(await textOf(path)).toBeUndefined();
    },
  );

  it('stops reading the archive after the file', async () => {
    const { body, asked } = stream(bytes, 100);
    const entry = await readArchiveEntry(body, 'first.txt');
    await new Response(entry?.body).text();
    expect(asked.pieces).toBeLessThan(bytes.length / 100);
  });

  it('stops reading the archive when the client stops reading', async () => {
    const { body, asked } = stream(bytes, 100);
    const entry = await readArchiveEntry(body, 'large.bin');
    const reader = entry?.body.getReader();
    await reader?.read();
    await reader?.cancel();
    expect(asked.pieces).toBeLessThan(bytes.length / 100);
  });

  it.each([
    ['no archive at all', Buffer.from('this is not an archive, and long enough to be looked at as one')],
    ['garbage that begins like one', Buffer.concat([bytes.subarray(0, 30), Buffer.alloc(5000, 7)])],
  ])('reports a damaged archive if it is %s', async (_, damaged) => {
    await expect(readArchiveEntry(stream(damaged).body, 'first.txt')).rejects.toMatchObject({
      code: 'object_not_found',
    });
  });

  it('aborts the file if the archive ends inside it', async () => {
    const short = bytes.subarray(0, bytes.length - 1500);
    const entry = await readArchiveEntry(stream(short).body, 'large.bin');
    await expect(new Response(entry?.body).text()).rejects.toThrow();
  });

  it('refuses an archive that unpacks to more than the limit, wherever the file is', async () => {
    const read = async (path: string) => {
      const entry = await readArchiveEntry(stream(bytes).body, path, 200_000);
      return entry === undefined ? undefined : new Response(entry.body).text();
    };
    expect(await read('first.txt')).toBe('first');
    await expect(read('no-such-file')).rejects.toThrow();
    await expect(read('large.bin')).rejects.toThrow();
  });
});
