import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { release } from 'node:os';
import { join } from 'node:path';
import { findFiles } from '../find-files.ts';

/** @returns a digest of the files that the globs match, or undefined if there are none. */
export async function cacheKey(checkout: string, globs: readonly string[]): Promise<string | undefined> {
  const { matches } = await findFiles({ checkout, sets: { key: globs } });
  if (matches.key.length === 0) return undefined;
  const hash = createHash('sha256');
  for (const path of matches.key) {
    const content = createHash('sha256');
    for await (const chunk of createReadStream(join(checkout, path))) content.update(chunk);
    hash.update(`${path}\0${content.digest('hex')}\n`);
  }
  return hash.digest('hex');
}

/** @returns the operating system with its version, and the architecture: compiled files fit no other. */
export async function platformName(): Promise<string> {
  const text = await readFile('/etc/os-release', 'utf8').catch(() => '');
  const field = (name: string) => new RegExp(`^${name}="?([^"\\n]*)"?$`, 'm').exec(text)?.[1];
  const system = text === '' ? release() : `${field('ID') ?? 'linux'}-${field('VERSION_ID') ?? 'rolling'}`;
  return `${process.platform}-${process.arch}-${system}`;
}
