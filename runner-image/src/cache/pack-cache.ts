import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { lstat, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Pack } from 'tar';
import { sizeText } from '../../../app/lib/format.ts';
import { limitBytes } from '../../../app/lib/limit-bytes.ts';
import { storeWhole } from '../artifacts/pack-artifacts.ts';
import type { RequestBody } from '../http/http-request.ts';
import { type ArchiveHeader, headerLine } from './archive-header.ts';
import { type CachedPath, type CacheRoots, locate } from './cached-path.ts';
import { bestCompression, compressor, unpackedLimit } from './compression.ts';

export interface PackOptions extends CacheRoots {
  readonly paths: readonly string[];
  /** Path of the archive. It is a file because its size must be known before the upload. */
  readonly archive: string;
  readonly maxBytes: number;
  readonly signal: AbortSignal;
  readonly header: Pick<ArchiveHeader, 'key' | 'platform' | 'savedAt' | 'generation' | 'setupSeconds'>;
}

/**
 * Writes the archive of a cache.
 *
 * @returns undefined if none of its paths exists.
 * @throws Error if it is over the limit, or a file cannot be read.
 */
export async function packCache(options: PackOptions): Promise<RequestBody | undefined> {
  const { archive, signal } = options;
  const hash = createHash('sha256');
  const parts: ArchiveHeader['parts'] = [];
  let total = 0;
  for (const path of options.paths) {
    const place = await locate(path, options);
    if ((await lstat(join(place.parent, place.name)).catch(() => undefined)) === undefined) continue;
    await packPart(place, { ...options, total, onChunk: (chunk) => hash.update(chunk), signal });
    const { size } = await stat(archive);
    parts.push({ path, sizeBytes: size - total });
    total = size;
  }
  if (parts.length === 0) return undefined;
  const start = headerLine({
    berthCache: 1,
    ...options.header,
    compression: bestCompression,
    digest: hash.digest('hex'),
    parts,
  });
  return {
    sizeBytes: start.length + total,
    open: () => Readable.from(startedWith(start, createReadStream(archive)), { objectMode: false }),
  };
}

interface PartOptions {
  readonly archive: string;
  readonly maxBytes: number;
  /** Size of the parts before it. */
  readonly total: number;
  readonly onChunk: (chunk: Buffer) => void;
  readonly signal: AbortSignal;
}

async function packPart(
  { parent, name }: CachedPath,
  { archive, maxBytes, total, onChunk, signal }: PartOptions,
): Promise<void> {
  let problem: string | undefined;
  const pack = new Pack({
    cwd: parent,
    portable: true,
    preservePaths: true,
    filter: storeWhole,
    onwarn: (code, message) => {
      if (code !== 'TAR_ENTRY_INFO' && code !== 'TAR_ENTRY_UNSUPPORTED') problem ??= String(message);
    },
  });
  pack.add(name);
  pack.end();
  const watched = new PassThrough();
  watched.on('data', onChunk);
  await pipeline(
    pack,
    unpackedLimit(maxBytes),
    compressor(bestCompression),
    limitBytes(maxBytes - total, () => new Error(`it is larger than the limit of ${sizeText(maxBytes)}`)),
    watched,
    createWriteStream(archive, { flags: total === 0 ? 'w' : 'a', mode: 0o600 }),
    { signal },
  );
  if (problem !== undefined) throw new Error(problem);
}

async function* startedWith(start: Buffer, rest: Readable): AsyncGenerator<Buffer> {
  yield start;
  yield* rest;
}
