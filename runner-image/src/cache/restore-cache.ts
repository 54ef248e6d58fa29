import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import type { Job } from '../../../app/core/model/job.ts';
import { HttpFailure, httpRequest } from '../http/http-request.ts';
import { errorText } from '../runner-error.ts';
import { type ArchiveHeader, readHeader } from './archive-header.ts';
import { type CachedPath, type CacheRoots, locate } from './cached-path.ts';
import { moveInto, unpackPart } from './unpack-part.ts';

export type JobCache = Job['caches'][number];
type Source = JobCache['restore'][number];

export interface RestoreOptions extends CacheRoots {
  /** Digest of the key files of this run. */
  readonly key: string;
  readonly platform: string;
  /** Directory for the archive. */
  readonly directory: string;
  readonly now: Date;
  readonly signal: AbortSignal;
}

export interface Restored {
  readonly outcome: 'hit' | 'partial';
  readonly branch: string;
  readonly sizeBytes: number;
  readonly header: ArchiveHeader;
}

/** With each key some files are added, and none is removed. After so many, a cache starts again. */
const maxGenerations = 10;
const daySeconds = 24 * 3600;

/**
 * Restores a cache: from the first branch that has it for these key files, otherwise from the first that has it for others.
 * An archive that cannot be used counts as missing, and leaves no file behind.
 *
 * @returns what was restored, and why an archive was not used.
 */
export async function restoreCache(
  cache: JobCache,
  options: RestoreOptions,
): Promise<{ restored?: Restored; notes: readonly string[] }> {
  const notes: string[] = [];
  const archive = join(options.directory, 'cache');
  const older: Source[] = [];

  async function attempt(source: Source, isWanted: (header: ArchiveHeader) => boolean) {
    try {
      const found = await download(source, archive, cache, options, isWanted);
      if (typeof found === 'string') {
        notes.push(`The cache of branch ${JSON.stringify(source.branch)} was not used: ${found}.`);
      } else if (found !== undefined && isWanted(found.header)) {
        await unpack(found, archive, cache, options);
        return found;
      } else if (found !== undefined && found.header.generation < maxGenerations) older.push(source);
    } catch (error) {
      const reason = options.signal.aborted ? 'it took too long' : errorText(error);
      notes.push(`The cache of branch ${JSON.stringify(source.branch)} was not used: ${reason}.`);
    } finally {
      await rm(archive, { force: true });
    }
    return undefined;
  }

  for (const source of cache.restore) {
    const found = await attempt(source, ({ key }) => key === options.key);
    if (found !== undefined) return { restored: { ...found, outcome: 'hit', branch: source.branch }, notes };
  }
  for (const source of older) {
    const found = await attempt(source, () => true);
    if (found !== undefined)
      return { restored: { ...found, outcome: 'partial', branch: source.branch }, notes };
  }
  return { notes };
}

interface Downloaded {
  readonly header: ArchiveHeader;
  readonly sizeBytes: number;
}

/** Writes the parts of an archive to a file, if it is wanted. @returns undefined if it does not exist, or why it cannot be used. */
async function download(
  { url }: Source,
  archive: string,
  cache: JobCache,
  options: RestoreOptions,
  isWanted: (header: ArchiveHeader) => boolean,
): Promise<Downloaded | string | undefined> {
  return readObject(url, options.signal, async (stream) => {
    const chunks: AsyncIterator<Buffer> = stream[Symbol.asyncIterator]();
    const { header, headerBytes, rest } = await readHeader(chunks);
    if (header.platform !== options.platform)
      return `it was saved on a different platform (${header.platform})`;
    const ageSeconds = (options.now.getTime() - Date.parse(header.savedAt)) / 1000;
    if (!(ageSeconds <= cache.maxAgeSeconds))
      return `it is older than ${Math.round(cache.maxAgeSeconds / daySeconds)} days`;
    const partBytes = header.parts.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    if (partBytes > cache.maxBytes) return 'it is larger than the limit';
    if (!isWanted(header)) return { header, sizeBytes: 0 };

    const hash = createHash('sha256');
    let received = 0;
    async function* body(): AsyncGenerator<Buffer> {
      for (let next = rest; ; ) {
        received += next.length;
        if (received > partBytes) return;
        hash.update(next);
        yield next;
        const { value, done } = await chunks.next();
        if (done) return;
        next = value;
      }
    }
    await pipeline(body, createWriteStream(archive, { mode: 0o600 }), { signal: options.signal });
    if (received !== partBytes || hash.digest('hex') !== header.digest) return 'its digest does not match';
    return { header, sizeBytes: headerBytes + partBytes };
  });
}

/** @returns undefined if there is no such object: S3 answers 403 to those who may not list the bucket. */
async function readObject<Result>(
  url: string,
  signal: AbortSignal,
  read: (stream: Readable) => Promise<Result>,
): Promise<Result | undefined> {
  const closing = async (stream: Readable) => {
    try {
      return await read(stream);
    } finally {
      stream.destroy();
    }
  };
  try {
    if (url.startsWith('file:')) return await closing(createReadStream(fileURLToPath(url)));
    return await httpRequest({ method: 'GET', url, signal, attempts: 3 }, closing);
  } catch (error) {
    if (error instanceof HttpFailure && [403, 404].includes(error.status)) return undefined;
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Unpacks everything next to its place, then moves it there: a broken archive changes nothing. */
async function unpack(
  { header }: Downloaded,
  archive: string,
  cache: JobCache,
  options: RestoreOptions,
): Promise<void> {
  const staged: { staging: string; place: CachedPath }[] = [];
  let start = 0;
  try {
    for (const { path, sizeBytes } of header.parts) {
      if (!cache.paths.includes(path)) throw new Error('it has a path that is not part of the cache');
      const place = await locate(path, options);
      await mkdir(place.parent, { recursive: true });
      const staging = await mkdtemp(join(place.parent, '.berth-cache-'));
      staged.push({ staging, place });
      const part = { file: archive, start, sizeBytes, compression: header.compression, name: place.name };
      await unpackPart({ ...part, maxBytes: cache.maxBytes }, staging, options.signal);
      start += sizeBytes;
    }
    for (const { staging, place } of staged)
      await moveInto(join(staging, place.name), join(place.parent, place.name));
  } finally {
    for (const { staging } of staged) await rm(staging, { recursive: true, force: true });
  }
}
