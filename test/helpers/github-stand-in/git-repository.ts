import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';

const run = promisify(execFile);
const identity = {
  GIT_AUTHOR_NAME: 'Dana Developer',
  GIT_AUTHOR_EMAIL: 'dana@example.com',
  GIT_COMMITTER_NAME: 'Dana Developer',
  GIT_COMMITTER_EMAIL: 'dana@example.com',
};

/** A bare git repository: what the stand-in answers about code is what git says. */
export interface GitRepository {
  readonly directory: string;
  /** Commits `files` to a branch, which is created from `from` if it does not exist. null deletes a file. */
  commit(
    branch: string,
    files: Readonly<Record<string, string | null>>,
    options?: CommitOptions,
  ): Promise<string>;
  /** @returns undefined if there is no such branch, tag or commit. */
  resolve(ref: string): Promise<string | undefined>;
  /** @returns undefined if the commit has no such file. */
  readFile(ref: string, path: string): Promise<string | undefined>;
  /** A `.tar.gz` of the commit, in one leading directory. */
  archive(ref: string, prefix: string): Promise<Buffer>;
  listBranches(): Promise<{ name: string; sha: string }[]>;
  listFiles(ref: string): Promise<string[]>;
  /** The files of a commit as GitHub lists them. */
  listTree(ref: string): Promise<{ path: string; mode: string; type: string; sha: string }[]>;
  changedFiles(base: string, head: string): Promise<string[]>;
  isAncestor(older: string, newer: string): Promise<boolean>;
  setRef(ref: string, sha: string): Promise<void>;
  deleteRef(ref: string): Promise<void>;
}

interface CommitOptions {
  readonly from?: string;
  readonly message?: string;
  /** Begins a new history at `from`, as a force push does. */
  readonly force?: boolean;
}

export async function createGitRepository(directory: string): Promise<GitRepository> {
  const git = async (...args: string[]): Promise<string> =>
    (await run('git', ['-C', directory, ...args], { maxBuffer: 64 * 1024 * 1024 })).stdout;
  await run('git', ['init', '--bare', '--initial-branch=main', directory]);
  // GitHub lets a commit be fetched by its name, including one that only a pull request has.
  await git('config', 'uploadpack.allowAnySHA1InWant', 'true');

  const resolve = async (ref: string): Promise<string | undefined> => {
    try {
      return (await git('rev-parse', '--verify', '--quiet', `${ref}^{commit}`)).trim();
    } catch {
      return undefined;
    }
  };

  return {
    directory,
    resolve,
    async commit(branch, files, options = {}) {
      const tip = options.force === true ? undefined : await resolve(`refs/heads/${branch}`);
      const parent = tip ?? (options.from === undefined ? undefined : await resolve(options.from));
      await fastImport(
        directory,
        commitStream(branch, parent, files, options.message ?? 'change'),
        options.force,
      );
      const sha = await resolve(`refs/heads/${branch}`);
      if (sha === undefined) throw new Error(`git has no branch ${branch} after the import`);
      return sha;
    },
    async readFile(ref, path) {
      try {
        return await git('show', `${ref}:${path}`);
      } catch {
        return undefined;
      }
    },
    async archive(ref, prefix) {
      const args = ['-C', directory, 'archive', '--format=tar.gz', `--prefix=${prefix}`, ref];
      return (await run('git', args, { encoding: 'buffer', maxBuffer: 64 * 1024 * 1024 })).stdout;
    },
    async listBranches() {
      const output = await git('for-each-ref', '--format=%(objectname) %(refname:strip=2)', 'refs/heads');
      return output
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => ({ sha: line.slice(0, 40), name: line.slice(41) }));
    },
    listFiles: async (ref) => lines(await git('ls-tree', '-r', '--name-only', '-z', ref)),
    listTree: async (ref) =>
      lines(await git('ls-tree', '-r', '-z', ref)).map((line) => {
        const [about = '', path = ''] = line.split('\t');
        const [mode = '', type = '', sha = ''] = about.split(' ');
        return { path, mode, type, sha };
      }),
    changedFiles: async (base, head) => lines(await git('diff', '--name-only', '-z', `${base}...${head}`)),
    async isAncestor(older, newer) {
      try {
        await git('merge-base', '--is-ancestor', older, newer);
        return true;
      } catch {
        return false;
      }
    },
    setRef: async (ref, sha) => void (await git('update-ref', ref, sha)),
    deleteRef: async (ref) => void (await git('update-ref', '-d', ref)),
  };
}

const lines = (output: string): string[] => output.split('\0').filter((name) => name !== '');

function commitStream(
  branch: string,
  parent: string | undefined,
  files: Readonly<Record<string, string | null>>,
  message: string,
): string {
  const data = (text: string): string => `data ${Buffer.byteLength(text)}\n${text}\n`;
  const changes = Object.entries(files).map(([path, content]) =>
    content === null ? `D ${path}\n` : `M 100644 inline ${path}\n${data(content)}`,
  );
  return [
    `commit refs/heads/${branch}\n`,
    `committer ${identity.GIT_COMMITTER_NAME} <${identity.GIT_COMMITTER_EMAIL}> now\n`,
    data(message),
    parent === undefined ? '' : `from ${parent}\n`,
    ...changes,
    '\n',
  ].join('');
}

async function fastImport(directory: string, stream: string, force = false): Promise<void> {
  const args = [
    '-C',
    directory,
    'fast-import',
    '--quiet',
    '--date-format=now',
    ...(force ? ['--force'] : []),
  ];
  const child = spawn('git', args, {
    env: { ...process.env, ...identity },
    stdio: ['pipe', 'ignore', 'pipe'],
  });
  let complaint = '';
  child.stderr.on('data', (chunk: Buffer) => {
    complaint += chunk.toString();
  });
  child.stdin.end(stream);
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`git fast-import: ${complaint}`);
}
