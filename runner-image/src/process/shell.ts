import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';

export interface Shell {
  readonly file: string;
  /** Arguments before the command, which is one argument. */
  readonly args: readonly string[];
}

/**
 * @param path the `PATH` of the command
 * @returns bash with `pipefail` if it is installed, otherwise sh
 */
export async function findShell(path: string): Promise<Shell> {
  for (const directory of path.split(delimiter).filter((entry) => entry.startsWith('/'))) {
    const file = join(directory, 'bash');
    const isThere = await access(file, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (isThere) return { file, args: ['-e', '-o', 'pipefail', '-c'] };
  }
  return { file: '/bin/sh', args: ['-e', '-c'] };
}
