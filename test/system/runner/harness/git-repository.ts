import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A real repository on disk. */
export interface GitRepository {
  readonly directory: string;
  /** `file:` */
  readonly url: string;
  git(...args: string[]): Promise<string>;
  /** Writes the files and commits them. @returns the commit's id */
  commit(files: Readonly<Record<string, string>>): Promise<string>;
}

export async function makeRepository(
  files: Readonly<Record<string, string>> = { 'README.md': 'hello\n' },
): Promise<GitRepository> {
  const directory = await mkdtemp(join(tmpdir(), 'berth-test-repository-'));

  async function git(...args: string[]): Promise<string> {
    const env = {
      PATH: process.env.PATH,
      HOME: directory,
      GIT_CONFIG_GLOBAL: '/dev/null',
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_AUTHOR_NAME: 'Ada',
      GIT_AUTHOR_EMAIL: 'ada@example.com',
      GIT_COMMITTER_NAME: 'Ada',
      GIT_COMMITTER_EMAIL: 'ada@example.com',
    };
    const { stdout } = await run('git', ['-C', directory, ...args], { env });
    return stdout.trim();
  }

  async function commit(contents: Readonly<Record<string, string>>): Promise<string> {
    for (const [path, content] of Object.entries(contents)) {
      await mkdir(dirname(join(directory, path)), { recursive: true });
      await writeFile(join(directory, path), content);
    }
    await git('add', '--all');
    await git('commit', '--quiet', '--message', 'change');
    return git('rev-parse', 'HEAD');
  }

  await git('init', '--quiet', '--initial-branch=main');
  await commit(files);
  return { directory, url: pathToFileURL(directory).href, git, commit };
}
