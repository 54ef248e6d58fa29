import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { hasCode } from './read-if-exists.ts';

/**
 * Creates a directory with its parents, for this user only.
 *
 * Creates one level at a time, because `mkdir` with `recursive` never returns on some file systems, such as `/proc`.
 *
 * @param directory an absolute path.
 * @returns false if there is something at this path already.
 */
export async function makeDirectory(directory: string): Promise<boolean> {
  try {
    await mkdir(directory, { mode: 0o700 });
    return true;
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false;
    const parent = dirname(directory);
    if (!hasCode(error, 'ENOENT') || parent === directory || (await exists(parent))) throw error;
    await makeDirectory(parent);
    await mkdir(directory, { mode: 0o700 });
    return true;
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
