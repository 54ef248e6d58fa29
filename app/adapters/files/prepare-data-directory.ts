import { mkdir, mkdtemp, rmdir, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { BerthError } from '../../core/model/errors.ts';

/**
 * Creates the data directory if it is missing, and keeps it out of git: a data directory in a repository leaves no
 * untracked files behind.
 *
 * Creates one level at a time, and then one directory inside, because `mkdir` with `recursive` never returns on some file
 * systems, such as `/proc`. Their permissions do not tell: root may write everywhere.
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

/** @returns false if there is something at this path already. */
async function makeDirectory(directory: string): Promise<boolean> {
  try {
    await mkdir(directory, { mode: 0o700 });
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException; // mkdir rejects with nothing else.
    if (code === 'EEXIST') return false;
    const parent = dirname(directory);
    if (code !== 'ENOENT' || parent === directory || (await exists(parent))) throw error;
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

function unusable(directory: string, reason: string, cause?: unknown): BerthError {
  return new BerthError('config_invalid', `Berth cannot use the data directory ${directory}: ${reason}.`, {
    cause,
    hint: 'Set BERTH_DATA_DIR, or --data-dir, to a directory that this user may create and write to.',
  });
}
