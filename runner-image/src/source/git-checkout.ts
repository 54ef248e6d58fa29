import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Checkout } from '../../../app/core/model/checkout.ts';
import type { JobSource } from '../../../app/core/model/job.ts';
import type { CheckedOut } from '../process/command-env.ts';
import { RunnerError } from '../runner-error.ts';
import { isBranchName } from './branch-name.ts';
import { completeCheckout } from './complete-checkout.ts';
import { isRedirect, redirectedUrl } from './follow-redirect.ts';
import { createGit, type Git } from './git-command.ts';
import { type GitCredentials, gitCredentials } from './git-credentials.ts';
import { gitFailure } from './git-failure.ts';
import { type GitRemote, parseGitUrl } from './git-url.ts';
import { initRepository } from './init-repository.ts';
import { pinnedHost } from './resolve-host.ts';

export type GitSource = Extract<JobSource, { kind: 'git' }>;

export interface CheckoutOptions {
  /** Created by the checkout. It must not exist. */
  readonly directory: string;
  /** Directory for the runner's files, outside the checkout. */
  readonly privateDirectory: string;
  readonly env: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  readonly checkout: Checkout;
}

const fetchAttempts = 3;
const maxRedirects = 3;
/** Depths to fetch the branch with, if the server does not serve commits by ID. */
const depths = ['--depth=1', '--depth=50', '--depth=1000', '--unshallow'];
const objectIdPattern = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;
const commonConfig: readonly (readonly [string, string])[] = [
  ['advice.detachedHead', 'false'],
  ['gc.auto', '0'],
  ['maintenance.auto', 'false'],
  ['protocol.ext.allow', 'never'],
  ['submodule.recurse', 'false'],
  // The credentials, and the checks of the URL, are for the host that the job names.
  ['http.followRedirects', 'false'],
];

/**
 * Checks out exactly one commit, with history, tags, submodules, and Git LFS files as the job requires.
 *
 * @throws RunnerError
 */
export async function checkoutGit(source: GitSource, options: CheckoutOptions): Promise<CheckedOut> {
  const { sha } = source;
  if (sha !== undefined && !objectIdPattern.test(sha)) {
    throw new RunnerError(
      'commit_not_found',
      'The commit ID of the job is not complete: it must have 40 or 64 hexadecimal digits.',
    );
  }
  const remote = parseGitUrl(source.url);
  const credentials = await gitCredentials(source.auth, remote, options.privateDirectory);
  try {
    const base = { ...options.env, GIT_CONFIG_GLOBAL: await globalConfig(remote, options.privateDirectory) };
    const pinned = await pinnedHost(remote, {
      allowPrivateHosts: source.allowPrivateHosts ?? true,
      env: options.env,
    });
    const git = createGit({ ...options, env: gitEnv(base, remote, commonConfig) });
    const fetchingEnv = {
      ...gitEnv(base, remote, [...commonConfig, ...pinned, ...credentials.config]),
      ...credentials.env,
    };
    const fetching = createGit({ ...options, env: fetchingEnv });
    const tracing = createGit({
      ...options,
      env: { ...fetchingEnv, GIT_TRACE_CURL: '1', GIT_TRACE_CURL_NO_DATA: '1' },
    });
    const { directory } = options;
    await initRepository({ directory, originUrl: remote.url, isSha256: sha?.length === 64 });
    const commit = await fetchCommit({ ...options, source, url: remote.url, git, fetching, tracing });
    const [described] = await Promise.all([
      describeCommit(git, commit),
      orFail(git(['checkout', '--quiet', '--force', '--detach', commit])),
    ]);
    const completing = createGit({ ...options, env: completingEnv(fetchingEnv, remote, source) });
    await completeCheckout(completing, options.checkout);
    return { sha: await headOf(options.directory), repositoryUrl: remote.url, ...described };
  } finally {
    await credentials.remove();
  }
}

interface FetchOptions extends Pick<CheckoutOptions, 'signal' | 'checkout'> {
  readonly source: GitSource;
  /** Changes where the server redirects. */
  url: string;
  /** Without credentials. */
  readonly git: Git;
  /** With them. */
  readonly fetching: Git;
  /** With them, and with what the server answers on standard error. */
  readonly tracing: Git;
}

/** @returns the commit to check out. */
async function fetchCommit(options: FetchOptions): Promise<string> {
  const { source, checkout } = options;
  const depth = depthOf(checkout);
  if (source.sha === undefined) {
    await fetchRef(options, [refOf(source)], depth);
    const { stdout } = await orFail(options.git(['rev-parse', 'FETCH_HEAD']));
    await fetchOthers(options, depth);
    return stdout.trim();
  }
  try {
    await fetchRef(options, [source.sha], depth);
  } catch (error) {
    if (!(error instanceof RunnerError) || error.code !== 'commit_not_found') throw error;
    await fetchThroughRef(options, source.sha, error);
  }
  await fetchOthers(options, depth);
  return source.sha;
}

function depthOf({ fetchDepth = 1 }: Checkout): string | undefined {
  return fetchDepth === 0 ? undefined : `--depth=${fetchDepth}`;
}

/** Tags, and with the whole history the other branches too: tools derive versions from them. */
async function fetchOthers(options: FetchOptions, depth: string | undefined): Promise<void> {
  const { fetchDepth, tags = fetchDepth === 0 } = options.checkout;
  const refs = [
    ...(fetchDepth === 0 ? ['+refs/heads/*:refs/remotes/origin/*'] : []),
    ...(tags ? ['+refs/tags/*:refs/tags/*'] : []),
  ];
  if (refs.length > 0) await fetchRef(options, refs, depth);
}

async function fetchThroughRef(options: FetchOptions, sha: string, refusal: RunnerError): Promise<void> {
  const { source, git } = options;
  if (source.ref === undefined && !isBranchName(source.branch)) throw refusal;
  const ref = refOf(source);
  for (const depth of depths) {
    const isWholeAlready = depth === '--unshallow' && !(await isShallow(git));
    if (!isWholeAlready) await fetchRef(options, [ref], depth);
    const { exitCode } = await git(['cat-file', '-e', `${sha}^{commit}`]);
    if (exitCode === 0) return;
    if (isWholeAlready) break;
  }
  throw new RunnerError(
    'commit_not_found',
    `The repository does not have the commit ${sha} on ${ref}. A force push may have removed it.`,
    refusal,
  );
}

async function isShallow(git: Git): Promise<boolean> {
  const { stdout } = await orFail(git(['rev-parse', '--is-shallow-repository']));
  return stdout.trim() === 'true';
}

async function fetchRef(
  options: FetchOptions,
  refs: readonly string[],
  depth: string | undefined,
): Promise<void> {
  const { fetching, tracing, signal } = options;
  const argsFor = (url: string) => [
    'fetch',
    '--quiet',
    '--no-tags',
    '--no-recurse-submodules',
    ...(depth === undefined ? [] : [depth]),
    '--end-of-options',
    url,
    ...refs,
  ];
  let redirects = 0;
  for (let attempt = 1; ; attempt += 1) {
    const end = await fetching(argsFor(options.url));
    if (end.exitCode === 0) return;
    if (isRedirect(end.stderr) && redirects < maxRedirects) {
      options.url = await redirectedUrl(options.url, tracing);
      redirects += 1;
      attempt -= 1;
      continue;
    }
    const failure = gitFailure(end.stderr);
    if (failure.code !== 'source_unreachable' || attempt === fetchAttempts) throw failure;
    await pause(500 * 2 ** (attempt - 1), undefined, { signal });
  }
}

function refOf(source: GitSource): string {
  if (source.ref?.startsWith('refs/') && isBranchName(source.ref)) return source.ref;
  if (isBranchName(source.branch)) return `refs/heads/${source.branch}`;
  throw new RunnerError(
    'branch_not_found',
    `Git does not allow a branch named ${JSON.stringify(source.branch.slice(0, 200))}.`,
  );
}

async function orFail(command: ReturnType<Git>): ReturnType<Git> {
  const end = await command;
  if (end.exitCode !== 0) throw gitFailure(end.stderr);
  return end;
}

/**
 * In a container, a repository of this machine belongs to another user, and git reads it only if its configuration allows
 * it. The process that serves the repository reads this setting only from a file.
 */
async function globalConfig(remote: GitRemote, privateDirectory: string): Promise<string> {
  if (remote.protocol !== 'file') return '/dev/null';
  const path = join(privateDirectory, 'gitconfig');
  await writeFile(path, '[safe]\n\tdirectory = *\n', { mode: 0o600 });
  return path;
}

function gitEnv(
  base: Readonly<Record<string, string>>,
  remote: GitRemote,
  config: GitCredentials['config'],
): Record<string, string> {
  return {
    ...base,
    LC_ALL: 'C',
    GIT_TERMINAL_PROMPT: '0',
    GIT_ASKPASS: '',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_ALLOW_PROTOCOL: remote.protocol,
    GIT_LFS_SKIP_SMUDGE: '1',
    GIT_CONFIG_COUNT: String(config.length),
    ...Object.fromEntries(
      config.flatMap(([key, value], index) => [
        [`GIT_CONFIG_KEY_${index}`, key],
        [`GIT_CONFIG_VALUE_${index}`, value],
      ]),
    ),
  };
}

/** Submodules and Git LFS need the credentials too, and submodules may have ssh addresses. */
function completingEnv(
  env: Readonly<Record<string, string>>,
  remote: GitRemote,
  source: GitSource,
): Record<string, string> {
  const protocols = remote.protocol === 'file' ? 'file:https:http:ssh' : `${remote.protocol}:https`;
  const completing = { ...env, GIT_ALLOW_PROTOCOL: protocols, GIT_LFS_SKIP_SMUDGE: '0' };
  if (source.auth?.kind !== 'basic' || !remote.protocol.startsWith('http')) return completing;
  const { origin, host } = new URL(remote.url);
  const count = Number(env.GIT_CONFIG_COUNT ?? 0);
  const rewrites = [`git@${host}:`, `ssh://git@${host}/`];
  return {
    ...completing,
    GIT_CONFIG_COUNT: String(count + rewrites.length),
    ...Object.fromEntries(
      rewrites.flatMap((from, index) => [
        [`GIT_CONFIG_KEY_${count + index}`, `url.${origin}/.insteadOf`],
        [`GIT_CONFIG_VALUE_${count + index}`, from],
      ]),
    ),
  };
}

/** Reads the subject and the author of a commit. They are for people only, so a failure does not end the run. */
async function describeCommit(git: Git, commit: string): Promise<Pick<CheckedOut, 'commit'>> {
  const format = ['--no-patch', '--no-show-signature', '--format=%s%n%an'];
  const { exitCode, stdout } = await git(['show', ...format, commit]);
  const [message = '', author = ''] = stdout.split('\n');
  if (exitCode !== 0 || message === '') return {};
  return {
    // Whole: a secret that is cut in half is no longer found.
    commit: { message, ...(author === '' ? {} : { author }) },
  };
}

/** A detached `HEAD` contains the commit's ID. */
async function headOf(directory: string): Promise<string> {
  return (await readFile(join(directory, '.git', 'HEAD'), 'utf8')).trim();
}
