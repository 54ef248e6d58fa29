import {
  type GlancedFile,
  type GuessedCommand,
  glancedFiles,
  type RepositoryGlance,
} from '../core/model/repository-glance.ts';
import { guessRepository } from '../core/settings/guess-repository.ts';
import { usageError } from './cli-error.ts';
import type { Git } from './git.ts';
import { visible } from './visible-text.ts';

/** A commit of the git checkout that contains the working directory. */
export interface Checkout {
  /** Absolute path of its top directory. */
  readonly root: string;
  /** The working directory, relative to {@link root}; `''` is the top directory. */
  readonly directory: string;
  readonly branch: string;
  readonly sha: string;
  /** First line of the commit's message. */
  readonly subject: string;
  /** There are changes that no commit has. */
  readonly isDirty: boolean;
}

/**
 * Finds the commit that the options name, without changing anything.
 *
 * @param options.branch a local branch. If omitted, the branch that is checked out.
 * @param options.sha any name that git knows a commit by. If omitted, the head of the branch.
 * @returns undefined if `directory` is in no checkout.
 * @throws CliError `usage` if the branch or the commit does not exist.
 */
export async function readCheckout(
  git: Git,
  directory: string,
  options: { readonly branch?: string; readonly sha?: string } = {},
): Promise<Checkout | undefined> {
  const root = trimmed(await git(['rev-parse', '--show-toplevel'], directory));
  if (root === undefined) return undefined;

  const current = trimmed(await git(['branch', '--show-current'], root));
  const sha = await shaOf(git, root, options);
  if (sha === undefined) throw noSuchCommit(options, current);
  const branch = options.branch ?? current ?? (await branchAt(git, root, sha));

  const [subject, prefix, changes] = await Promise.all([
    git(['log', '-1', '--format=%s', sha], root),
    git(['rev-parse', '--show-prefix'], directory),
    git(['status', '--porcelain'], root),
  ]);
  return {
    root,
    directory: (trimmed(prefix) ?? '').replace(/\/$/, ''),
    branch,
    sha,
    subject: trimmed(subject) ?? '',
    isDirty: options.sha === undefined && options.branch === undefined && (changes ?? '') !== '',
  };
}

/** Guesses the settings of a commit from its files, not from those of the working directory. */
export function guessOfCommit(
  git: Git,
  checkout: Pick<Checkout, 'root' | 'sha' | 'directory'>,
): Promise<GuessedCommand | undefined> {
  return guessRepository((directory) => glanceAt(git, checkout, directory), checkout.directory);
}

async function glanceAt(
  git: Git,
  { root, sha }: Pick<Checkout, 'root' | 'sha'>,
  directory: string,
): Promise<RepositoryGlance> {
  const prefix = directory === '' ? '' : `${directory}/`;
  const listing = (await git(['ls-tree', '-z', `${sha}:${directory}`], root)) ?? '';
  // Each entry is `mode type id<tab>name`.
  const entries = listing.split('\0').flatMap((entry) => {
    const [, type, name] = /^\d+ (\w+) \w+\t(.+)$/s.exec(entry) ?? [];
    return name === undefined ? [] : [{ name, isDirectory: type === 'tree' }];
  });
  const names = new Set(entries.map(({ name }) => name));
  const texts: Partial<Record<GlancedFile, string>> = {};
  for (const name of glancedFiles.filter((file) => names.has(file))) {
    const text = await git(['cat-file', 'blob', `${sha}:${prefix}${name}`], root);
    if (text !== undefined) texts[name] = text;
  }
  const directories = entries.flatMap(({ name, isDirectory }) => (isDirectory ? [name] : []));
  return { names, directories: new Set(directories), texts };
}

/** The remote from which a server can fetch the checkout, and whether it has the commit. */
export async function remoteOf(
  git: Git,
  { root, sha }: Pick<Checkout, 'root' | 'sha'>,
): Promise<{ url: string; hasCommit: boolean } | undefined> {
  const url = trimmed(await git(['remote', 'get-url', 'origin'], root));
  if (url === undefined) return undefined;
  const branches = trimmed(await git(['branch', '--remotes', '--contains', sha, '--list', 'origin/*'], root));
  return { url: withoutCredentials(url), hasCommit: branches !== undefined };
}

/** Removes a token from the URL of a remote: it must not leave this machine. */
function withoutCredentials(url: string): string {
  if (!/^https?:\/\//i.test(url) || !URL.canParse(url)) return url;
  const parsed = new URL(url);
  if (parsed.username === '' && parsed.password === '') return url;
  parsed.username = '';
  parsed.password = '';
  return parsed.href;
}

/**
 * Names a detached HEAD: by the branch that points at its commit, if there is exactly one, or by the commit. CI servers
 * check out commits without a branch.
 */
async function branchAt(git: Git, root: string, sha: string): Promise<string> {
  const refs = ['for-each-ref', '--format=%(refname)', '--points-at', sha, 'refs/heads', 'refs/remotes'];
  const listing = await git(refs, root);
  const names = (listing ?? '')
    .split('\n')
    .map((ref) => ref.replace(/^refs\/(heads|remotes\/[^/]+)\//, ''))
    .filter((name) => name !== '' && name !== 'HEAD');
  const [only, ...others] = new Set(names);
  return only === undefined || others.length > 0 ? sha.slice(0, 7) : only;
}

async function shaOf(
  git: Git,
  root: string,
  options: { readonly branch?: string; readonly sha?: string },
): Promise<string | undefined> {
  if (options.sha === undefined && options.branch !== undefined) {
    // Exactly this name: rev-parse would read `main~1` as a commit.
    return trimmed(await git(['show-ref', '--verify', '--hash', '--', `refs/heads/${options.branch}`], root));
  }
  const name = `${options.sha ?? 'HEAD'}^{commit}`;
  return trimmed(await git(['rev-parse', '--verify', '--quiet', '--end-of-options', name], root));
}

function noSuchCommit(options: { branch?: string; sha?: string }, current: string | undefined): Error {
  if (options.sha !== undefined) {
    return usageError(
      `This checkout has no commit ${visible(options.sha)}.`,
      'If it is on the remote, run `git fetch` first.',
    );
  }
  return options.branch === undefined
    ? usageError(
        `${current === undefined ? 'This checkout' : `The branch ${visible(current)}`} has no commit yet.`,
        'Commit something first.',
      )
    : usageError(
        `This checkout has no branch ${visible(options.branch)}.`,
        'Create it with `git branch`, or name a repository that has it with --repo.',
      );
}

function trimmed(text: string | undefined): string | undefined {
  const value = text?.replace(/\n+$/, '');
  return value === '' ? undefined : value;
}
