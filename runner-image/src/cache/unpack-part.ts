import { createReadStream } from 'node:fs';
import { lstat, mkdir, readdir, rename, rm, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { extract } from 'tar';
import { type Compression, decompressor, unpackedLimit } from './compression.ts';

export interface Part {
  readonly file: string;
  readonly start: number;
  readonly sizeBytes: number;
  readonly compression: Compression;
  /** The file or directory that the part contains, and nothing else. */
  readonly name: string;
  readonly maxBytes: number;
}

/**
 * Unpacks one part of an archive into an empty directory.
 *
 * The archive may be from an attacker, so nothing in it may lead out of the directory: `tar` unpacks files and
 * directories only, with its own checks. Symbolic links are created at the end, so no file is written through one. They
 * may lead anywhere, as those of a virtual environment do.
 *
 * @throws Error if the part is broken, or has something else in it.
 */
export async function unpackPart(part: Part, directory: string, signal: AbortSignal): Promise<void> {
  const links: [string, string][] = [];
  let problem: Error | undefined;
  const refuse = (message: string): false => {
    problem ??= new Error(message);
    return false;
  };
  const extraction = extract({
    cwd: directory,
    // Caches have many small files. Written one after the other, they take a fifth of the time of the parallel writes of `tar`,
    // which wait for the thread pool several times for each file.
    sync: true,
    filter(path, entry) {
      if (problem !== undefined || !('type' in entry)) return false;
      const segments = path.replace(/\/+$/, '').split('/');
      if (segments[0] !== part.name || segments.some((one) => ['', '.', '..'].includes(one)))
        return refuse(`it has the path ${JSON.stringify(path).slice(0, 100)}`);
      if (entry.type === 'SymbolicLink') {
        links.push([segments.join('/'), entry.linkpath ?? '']);
        return false;
      }
      if (!['File', 'OldFile', 'Directory'].includes(entry.type)) return refuse(`it has a ${entry.type}`);
      // No privileges, and directories that can be filled and removed.
      entry.mode = ((entry.mode ?? 0o644) & 0o777) | (entry.type === 'Directory' ? 0o700 : 0);
      return true;
    },
    onwarn: (code, message) => {
      if (code !== 'TAR_ENTRY_INFO') refuse(String(message));
    },
  });
  const { file, start, sizeBytes, compression, maxBytes } = part;
  await pipeline(
    createReadStream(file, { start, end: start + sizeBytes - 1 }),
    decompressor(compression),
    unpackedLimit(maxBytes),
    extraction,
    { signal },
  );
  if (problem !== undefined) throw problem;
  await createLinks(directory, links);
}

/** @throws Error if a link is in the place of something, or behind another link. */
async function createLinks(
  directory: string,
  links: readonly (readonly [path: string, target: string])[],
): Promise<void> {
  const paths = new Set(links.map(([path]) => path));
  for (const [path, target] of links) {
    const segments = path.split('/');
    const isBehind = segments.some((_, index) => index > 0 && paths.has(segments.slice(0, index).join('/')));
    if (isBehind) throw new Error('it has a path behind a symbolic link');
    await mkdir(dirname(join(directory, path)), { recursive: true });
    await symlink(target, join(directory, path));
  }
}

/** Moves a file or a directory. Of directories that exist already, only the files that are in both are replaced. */
export async function moveInto(from: string, to: string): Promise<void> {
  const [source, target] = await Promise.all([lstat(from), lstat(to).catch(() => undefined)]);
  if (target?.isDirectory() === true && source.isDirectory()) {
    for (const name of await readdir(from)) await moveInto(join(from, name), join(to, name));
    return;
  }
  if (target !== undefined) await rm(to, { recursive: true, force: true });
  await rename(from, to);
}
