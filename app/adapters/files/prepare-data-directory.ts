import { mkdtemp, rmdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BerthError } from '../../core/model/errors.ts';
import { makeDirectory } from './make-directory.ts';

/**
 * Creates the data directory if it is missing, and keeps it out of git: a data directory in a repository leaves no
 * untracked files behind.
 *
 * Then creates one directory inside: permissions do not tell whether it can be used, because root may write everywhere.
 *
 * @param directory an absolute path.
 * @throws BerthError `config_invalid` if the path is not a directory, or this user cannot write to it.
 */
export async function prepareDataDirectory(directory: string): Promise<void> {
  try {
    const isNew = await makeDirectory(directory);
    if (!(await stat(directory)).isDirectory()) throw unusable(directory, `${directory} is not a directory`);
    await rmdir(await mkdtemp(join(directory, '.berth-')));
    if (isNew) await writeFile(join(directory, '.gitignore'), '*\n');
  } catch (error) {
    if (error instanceof BerthError) throw error;
    throw unusable(directory, (error as NodeJS.ErrnoException).message, error); // As above, of each call.
  }
}

function unusable(directory: string, reason: string, cause?: unknown): BerthError {
  return new BerthError('config_invalid', `Berth cannot use the data directory ${directory}: ${reason}.`, {
    cause,
    hint: 'Set BERTH_DATA_DIR, or --data-dir, to a directory that this user may create and write to.',
  });
}
