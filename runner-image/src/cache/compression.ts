import type { Transform } from 'node:stream';
import * as zlib from 'node:zlib';
import { limitBytes } from '../../../app/lib/limit-bytes.ts';

export type Compression = 'zstd' | 'gzip';

interface Zstd {
  createZstdCompress(): Transform;
  createZstdDecompress(): Transform;
}

/** Since Node 22.15. */
function hasZstd(library: object): library is Zstd {
  return 'createZstdCompress' in library && 'createZstdDecompress' in library;
}

/** The compression of new archives. */
export const bestCompression: Compression = hasZstd(zlib) ? 'zstd' : 'gzip';

/** @throws Error for zstd, if this Node does not have it. */
export function compressor(compression: Compression): Transform {
  // What is cached is mostly compressed already, and a run waits for it.
  return compression === 'gzip' ? zlib.createGzip({ level: 1 }) : zstd().createZstdCompress();
}

/** @throws Error for zstd, if this Node does not have it. */
export function decompressor(compression: Compression): Transform {
  return compression === 'gzip' ? zlib.createGunzip() : zstd().createZstdDecompress();
}

function zstd(): Zstd {
  const library: object = zlib;
  if (!hasZstd(library)) throw new Error(`Node ${process.versions.node} cannot read zstd`);
  return library;
}

/** Unpacked files may be so many times as large as their archive may be. */
const maxUnpackedRatio = 10;

/** Ends a stream of files that are too large for an archive of this size. */
export function unpackedLimit(maxArchiveBytes: number): Transform {
  return limitBytes(maxArchiveBytes * maxUnpackedRatio, () => new Error('its files are too large'));
}
