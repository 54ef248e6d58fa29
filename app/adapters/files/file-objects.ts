import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { ReadableStream } from 'node:stream/web';
import { BerthError } from '../../core/model/errors.ts';
import { cachePrefix } from '../../core/model/run-keys.ts';
import { limitBytes } from '../../lib/limit-bytes.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Objects } from '../../ports/objects.ts';
import { contentTypeOf } from './content-types.ts';
import { keySegments } from './object-key.ts';
import { absent, readIfExists } from './read-if-exists.ts';
import { signGrant } from './signed-grant.ts';
import { writeAtomically } from './write-atomically.ts';

export interface FileObjectsOptions {
  readonly dataDir: string;
  /** Directory of the objects whose key begins with `caches/`. If omitted, with the others. */
  readonly cacheDir?: string;
  readonly signingKey: Buffer;
  /** The base URL of grants that name none, such as `http://127.0.0.1:3000`. */
  readonly baseUrl: string;
  readonly clock: Clock;
}

/** {@link Objects} as files, and what the HTTP layer needs to take uploads. */
export interface FileObjects extends Objects {
  /**
   * Stores a body as it arrives, in flat memory.
   *
   * @throws BerthError `body_too_large` past `maxBytes`; then nothing is stored, and an existing object stays.
   */
  putStream(
    key: string,
    body: ReadableStream<Uint8Array> | AsyncIterable<Uint8Array>,
    contentType: string,
    maxBytes?: number,
  ): Promise<void>;
}

/**
 * Objects on disk: each is the file `<dataDir>/objects/<key>`, so that a report can be opened in place. Its
 * content type follows from its name; one that does not is kept in `<dataDir>/object-types/<key>`.
 */
export function fileObjects({
  dataDir,
  cacheDir = cachesIn(dataDir),
  signingKey,
  baseUrl,
  clock,
}: FileObjectsOptions): FileObjects {
  const pathOf = (key: string) => {
    const segments = keySegments(key);
    return key.startsWith(cachePrefix)
      ? join(cacheDir, ...segments.slice(1))
      : join(dataDir, 'objects', ...segments);
  };
  const typePathOf = (key: string) => join(dataDir, 'object-types', ...keySegments(key));

  async function putStream(
    key: string,
    body: ReadableStream<Uint8Array> | AsyncIterable<Uint8Array>,
    contentType: string,
    maxBytes = Number.POSITIVE_INFINITY,
  ): Promise<void> {
    const path = pathOf(key);
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    const draft = join(dirname(path), `.draft-${randomUUID()}`);
    const overLimit = () => new BerthError('body_too_large', `more than the allowed ${maxBytes} bytes`);
    try {
      const file = await open(draft, 'wx', 0o600);
      // `flush` syncs before closing: the rename below must never reach the disk before the content.
      await pipeline(body, limitBytes(maxBytes, overLimit), file.createWriteStream({ flush: true }));
      if (contentType === contentTypeOf(key)) await rm(typePathOf(key), { force: true });
      else await writeAtomically(typePathOf(key), contentType);
      await rename(draft, path);
    } catch (error) {
      await rm(draft, { force: true });
      throw error;
    }
  }

  return {
    putStream,

    async put(key, body, contentType) {
      await putStream(key, Readable.from([Buffer.from(body)]), contentType);
    },

    async get(key) {
      const path = pathOf(key);
      const found = await stat(path).catch(absent);
      if (!found?.isFile()) return undefined;
      return {
        sizeBytes: found.size,
        contentType: (await readIfExists(typePathOf(key))) ?? contentTypeOf(key),
        body: ReadableStream.from(contentOf(path)),
      };
    },

    async delete(key) {
      await rm(pathOf(key), { force: true });
      await rm(typePathOf(key), { force: true });
    },

    async grant(grant) {
      return `${grant.baseUrl ?? baseUrl}${signGrant(signingKey, grant, clock.now())}`;
    },
  };
}

/** The directory of caches if the configuration names none. */
export function cachesIn(dataDir: string): string {
  return join(dataDir, 'objects', cachePrefix);
}

/** Opens the file at the first read: a reader that only needs the size has nothing to close. */
async function* contentOf(path: string): AsyncGenerator<Uint8Array> {
  yield* createReadStream(path);
}
