import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Checkout } from '../../../app/core/model/checkout.ts';
import type { JobResult } from '../../../app/core/model/job.ts';
import { RunnerError, type RunnerErrorCode } from '../runner-error.ts';
import type { Git, GitEnd } from './git-command.ts';

type Warning = JobResult['warnings'][number];

/**
 * Fetches submodules and the content of Git LFS files.
 *
 * @param git with the credentials of the fetch
 * @throws RunnerError `submodules_failed`, `lfs_failed`
 */
export async function completeCheckout(
  git: Git,
  { submodules = false, lfs = false }: Checkout,
): Promise<void> {
  if (submodules !== false) {
    const args = [
      'submodule',
      'update',
      '--init',
      '--force',
      ...(submodules === 'recursive' ? ['--recursive'] : []),
    ];
    const shallow = await git([...args, '--depth=1']);
    // A server that does not serve commits by ID needs the history.
    const end = shallow.exitCode === 0 ? shallow : await git(args);
    if (end.exitCode !== 0) {
      throw failure(
        'submodules_failed',
        'The submodules could not be fetched: check their URLs, and that the credentials of the repository may read them.',
        end,
      );
    }
  }
  if (lfs) {
    const end = await git(['lfs', 'pull']);
    if (end.exitCode !== 0) {
      const isMissing = /'lfs' is not a git command/.test(end.stderr);
      throw failure(
        'lfs_failed',
        isMissing
          ? 'git-lfs is not installed, so the files of Git LFS could not be fetched: install it in the image.'
          : 'The files of Git LFS could not be fetched.',
        end,
      );
    }
  }
}

/** Warns about submodules and Git LFS files that the checkout leaves out. */
export async function warnOfIncomplete(
  directory: string,
  checkout: Checkout,
  kind: 'git' | 'archive',
): Promise<Warning[]> {
  const warnings: Warning[] = [];
  const fromArchive = kind === 'archive' ? ' An archive of a commit never contains them.' : '';
  const modules = await readFile(join(directory, '.gitmodules'), 'utf8').catch(() => '');
  const isFetched = kind === 'git' && checkout.submodules !== undefined && checkout.submodules !== false;
  if (/^\s*\[submodule /m.test(modules) && !isFetched) {
    warnings.push({
      code: 'submodules_left_out',
      message: `The repository has submodules, and the checkout leaves them out. Set \`checkout: { submodules: true }\` to fetch them.${fromArchive}`,
    });
  }
  const attributes = await readFile(join(directory, '.gitattributes'), 'utf8').catch(() => '');
  if (/^[^#\n]*\bfilter=lfs\b/m.test(attributes) && (checkout.lfs !== true || kind === 'archive')) {
    warnings.push({
      code: 'lfs_left_out',
      message: `The repository keeps files in Git LFS, and the checkout has only their pointers. Set \`checkout: { lfs: true }\` to fetch them.${fromArchive}`,
    });
  }
  return warnings;
}

/**
 * @returns the absolute directory in which the commands run
 * @throws RunnerError `directory_not_found`
 */
export async function commandDirectory(directory: string, { path }: Checkout): Promise<string> {
  if (path === undefined) return directory;
  const found = join(directory, path);
  const isDirectory = await stat(found).then(
    (stats) => stats.isDirectory(),
    () => false,
  );
  if (!isDirectory) {
    throw new RunnerError(
      'directory_not_found',
      `The repository has no directory ${path}: correct \`checkout.path\`.`,
    );
  }
  return found;
}

function failure(code: RunnerErrorCode, message: string, { stderr }: GitEnd): RunnerError {
  const said = stderr
    .split(/[\r\n]+/)
    .find((line) => /^(?:remote: )?(?:fatal|error):/i.test(line.trim()))
    ?.trim()
    .slice(0, 400);
  return new RunnerError(code, said === undefined ? message : `${message} Git said: ${said}`);
}
