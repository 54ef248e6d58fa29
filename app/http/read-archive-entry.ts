import { Readable } from 'node:stream';
import { Parser, type ReadEntry } from 'tar';

export interface ArchiveEntry {
  readonly body: ReadableStream<Uint8Array>;
  readonly sizeBytes: number;
}

/**
 * One file of a `.tar.gz`, streamed: neither the archive nor the file is ever whole in memory, and reading ends with
 * the file.
 *
 * @returns undefined where the archive holds no regular file of that path. Links are not followed: an archive is
 *   written by tests, and a link is a way out of it.
 */
export function readArchiveEntry(
  archive: ReadableStream<Uint8Array>,
  path: string,
): Promise<ArchiveEntry | undefined> {
  return new Promise((resolve, reject) => {
    // The two types of web streams, Node's and the global one, are the same object at run time.
    const source = Readable.fromWeb(archive as Parameters<typeof Readable.fromWeb>[0]);
    const parser = new Parser({
      onReadEntry(entry) {
        if (!isWanted(entry, path)) {
          entry.resume();
          return;
        }
        resolve({ sizeBytes: entry.size, body: bodyOf(entry, source) });
      },
    });
    parser.on('end', () => resolve(undefined));
    parser.on('error', reject);
    source.on('error', reject);
    source.pipe(parser);
  });
}

function isWanted(entry: ReadEntry, path: string): boolean {
  return entry.type === 'File' && entry.path.replace(/^(\.\/)+/, '') === path;
}

function bodyOf(entry: ReadEntry, source: Readable): ReadableStream<Uint8Array> {
  const chunks = entry[Symbol.asyncIterator]();
  const stop = (): void => {
    source.unpipe();
    source.destroy();
  };
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await chunks.next();
        if (done !== true) return controller.enqueue(value);
        controller.close();
        stop();
      },
      cancel: stop,
    },
    { highWaterMark: 0 },
  );
}
