import { createReadStream, createWriteStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { Pack } from 'tar';
import type { RequestBody } from '../http/http-request.ts';

export interface PackOptions {
  readonly checkout: string;
  /** Relative to the checkout. */
  readonly paths: readonly string[];
  /** Path of the archive. It is a file because its size must be known before the upload. */
  readonly archive: string;
  readonly signal: AbortSignal;
}

/**
 * Writes a `.tar.gz`.
 *
 * @throws an error of the file system
 */
export async function packArtifacts({ checkout, paths, archive, signal }: PackOptions): Promise<RequestBody> {
  // Not `tar.create`: it reads a name that begins with `@` as an archive.
  const pack = new Pack({
    cwd: checkout,
    gzip: true,
    portable: true,
    noDirRecurse: true,
    // The paths are those of the checkout: `c:` is the name of a directory, and not a drive.
    preservePaths: true,
    filter: storeWhole,
  });
  for (const path of paths) pack.add(path);
  pack.end();
  await pipeline(pack, createWriteStream(archive, { mode: 0o600 }), { signal });
  const { size } = await stat(archive);
  return { sizeBytes: size, open: () => createReadStream(archive) };
}

/**
 * A filter of `Pack` that stores every file whole. An entry that refers to another one cannot be used by itself, and `Pack`
 * never ends if it meets such a file before it is at the head of its queue.
 */
export function storeWhole(_path: string, file: object): true {
  if ('nlink' in file) file.nlink = 1;
  return true;
}
