import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface GitRepository {
  readonly path: string;
  readonly url: string;
  readonly branch: 'main';
  readonly sha: string;
}

/** A real repository with one commit of these files, whatever the settings of the user who runs the tests. */
export async function gitRepository(
  path: string,
  files: Readonly<Record<string, string>>,
): Promise<GitRepository> {
  await mkdir(path, { recursive: true });
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(path, name)), { recursive: true });
    await writeFile(join(path, name), content);
  }
  return { path, url: `file://${path}`, branch: 'main', sha: await commitAll(path) };
}

/**
 * Makes a repository of a directory, with one commit of all files.
 *
 * @returns the commit
 */
export async function commitAll(path: string): Promise<string> {
  const git = async (...args: readonly string[]) => {
    const env = { PATH: process.env.PATH, HOME: path, GIT_CONFIG_NOSYSTEM: '1' };
    const { stdout } = await run('git', ['-C', path, '-c', 'user.name=t', '-c', 'user.email=t@t', ...args], {
      env,
    });
    return stdout.trim();
  };
  await git('init', '--quiet', '--initial-branch=main');
  await git('add', '--all');
  await git('commit', '--quiet', '--message=first');
  return git('rev-parse', 'HEAD');
}
