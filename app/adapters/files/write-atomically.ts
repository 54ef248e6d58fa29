import { randomUUID } from 'node:crypto';
import { link, mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { hasCode } from './read-if-exists.ts';

/**
 * Writes a whole file or none of it: readers see the old content or the new, also after a crash in between.
 * Only its owner can read the file (0600); missing directories are created with 0700.
 */
export async function writeAtomically(path: string, content: string | Uint8Array): Promise<void> {
  await makeDirectoryOf(path);
  const draft = await writeDraft(path, content);
  await rename(draft, path);
}

/**
 * Writes a whole file unless there is one already.
 *
 * @param options.makeDirectory false: an error (ENOENT) where the directory is not there.
 * @returns false where there was one: it stays as it is.
 */
export async function createAtomically(
  path: string,
  content: string | Uint8Array,
  { makeDirectory = true } = {},
): Promise<boolean> {
  if (makeDirectory) await makeDirectoryOf(path);
  const draft = await writeDraft(path, content);
  try {
    await link(draft, path);
    return true;
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false;
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

async function makeDirectoryOf(path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
}

async function writeDraft(path: string, content: string | Uint8Array): Promise<string> {
  const draft = join(dirname(path), `.draft-${randomUUID()}`);
  const file = await open(draft, 'wx', 0o600);
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
  return draft;
}
