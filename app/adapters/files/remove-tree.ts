import { execFile } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { promisify } from 'node:util';
import { hasCode } from './read-if-exists.ts';

const run = promisify(execFile);

/**
 * Removes what a task wrote: protected files too, such as those of Go's module cache, and directories that are deeper than a
 * path can be long. Node removes by whole paths; the programs enter each directory.
 */
export async function removeTree(path: string): Promise<void> {
  try {
    await rm(path, { recursive: true, force: true });
  } catch (error) {
    if (!hasCode(error, 'EACCES', 'EPERM', 'ENAMETOOLONG')) throw error;
    await run('chmod', ['-R', 'u+rwX', path]);
    await run('rm', ['-rf', path]);
  }
}
