import { randomUUID } from 'node:crypto';
import { link, mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { hasCode } from './read-if-exists.ts';

/**
 * Writes a file atomically: readers see the old content or the new, even after a crash.
 * Only its owner can read the file (0600); missing directories are created with 0700.
 */
export async function writeAtomically(path: string, content: string | Uint8Array): Promise<void> {
  await makeDirectoryOf(path);
  await withDraft(path, content, (draft) => rename(draft, path));
}

/**
 * Creates a file atomically, unless it exists.
 *
 * @param options.makeDirectory false: fails (ENOENT) if the directory does not exist.
 * @returns false if the file exists, which stays unchanged.
 */
export async function createAtomically(
  path: string,
  content: string | Uint8Array,
  { makeDirectory = true } = {},
): Promise<boolean> {
  if (makeDirectory) await makeDirectoryOf(path);
  try {
    await withDraft(path, content, (draft) => link(draft, path));
    return true;
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false;
    throw error;
  }
}

async function makeDirectoryOf(path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
}

/** The draft is gone afterwards, even if the disk is full. */
async function withDraft(
  path: string,
  content: string | Uint8Array,
  use: (draft: string) => Promise<void>,
): Promise<void> {
  const draft = join(dirname(path), `.draft-${randomUUID()}`);
  try {
    const file = await open(draft, 'wx', 0o600);
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await use(draft);
  } finally {
    await rm(draft, { force: true });
  }
}
