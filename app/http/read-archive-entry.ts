import { pipeline, Readable, Transform } from 'node:stream';
import { createGunzip } from 'node:zlib';
import type { ReadEntry, Parser as TarParser } from 'tar';
import { BerthError } from '../core/model/errors.ts';

export interface ArchiveEntry {
  readonly body: ReadableStream<Uint8Array>;
  readonly sizeBytes: number;
}

/** A few kilobytes can unpack to gigabytes: beyond this, an archive is refused. */
const mostUnpackedBytes = 4 * 1024 ** 3;

/**
 * Streams one file of a `.tar.gz`: neither the archive nor the file is ever whole in memory, and reading ends with
 * the file.
 *
 * @returns undefined if the archive holds no regular file of that path. Links are not followed: an archive is
 *   written by tests, and a link could lead out of it.
 * @throws BerthError `object_not_found` if the archive is damaged before the file. The body is aborted if it is
 *   damaged within it.
 */
export async function readArchiveEntry(
  archive: ReadableStream<Uint8Array>,
  path: string,
  mostBytes = mostUnpackedBytes,
): Promise<ArchiveEntry | undefined> {
  // Loaded on demand: a function on AWS starts faster without it.
  const { Parser } = await import('tar');
  // The two types of web streams, Node's and the global one, are the same object at run time.
  const packed = Readable.fromWeb(archive as Parameters<typeof Readable.fromWeb>[0]);
  return new Promise((resolve, reject) => {
    const source = limited(mostBytes);
    const damaged = (cause: unknown): void => {
      source.destroy();
      reject(new BerthError('object_not_found', 'The archive of the artifacts is damaged.', { cause }));
    };
    // `strict`: a damaged archive is an error, not an archive without the file.
    const parser = new Parser({
      strict: true,
      onReadEntry(entry) {
        if (isWanted(entry, path)) resolve({ sizeBytes: entry.size, body: bodyOf(entry, source, parser) });
        else entry.resume();
      },
    });
    parser.on('end', () => resolve(undefined));
    parser.on('error', damaged);
    source.on('error', damaged);
    // Errors of each part arrive at the last one.
    pipeline(packed, createGunzip(), source, () => {});
    source.pipe(parser);
  });
}

/** Passes bytes on, up to a limit. */
function limited(mostBytes: number): Transform {
  let bytes = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      if (bytes > mostBytes) done(new Error(`the archive unpacks to more than ${mostBytes} bytes`));
      else done(null, chunk);
    },
  });
}

function isWanted(entry: ReadEntry, path: string): boolean {
  return entry.type === 'File' && entry.path.replace(/^(\.\/)+/, '') === path;
}

function bodyOf(entry: ReadEntry, source: Readable, parser: TarParser): ReadableStream<Uint8Array> {
  let open = true;
  const stop = (): void => {
    open = false;
    source.unpipe(parser);
    source.destroy();
  };
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        const fail = (error: unknown): void => {
          if (open) controller.error(error);
          stop();
        };
        parser.on('error', fail);
        source.on('error', fail);
        entry.on('data', (chunk) => {
          entry.pause();
          if (open) controller.enqueue(chunk);
        });
        entry.on('end', () => {
          if (open) controller.close();
          stop();
        });
        // A listener for data would start the flow before the reader is ready.
        entry.pause();
      },
      pull() {
        entry.resume();
      },
      cancel: stop,
    },
    { highWaterMark: 0 },
  );
}
