import type { Transform } from 'node:stream';
import * as zlib from 'node:zlib';

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
