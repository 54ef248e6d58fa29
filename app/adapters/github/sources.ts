import { BerthError, TryLater } from '../../core/model/errors.ts';
import type { JobSource } from '../../core/model/job.ts';
import type { GithubTarget, Run } from '../../core/model/run.ts';
import { omitUndefined } from '../../lib/omit-undefined.ts';
import { ttlCache } from '../../lib/ttl-cache.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Sources } from '../../ports/sources.ts';
import type { GithubApp } from './github-app.ts';
import { orUndefined } from './missing.ts';

const maxSubmodules = 50;
/**
 * Runs that start at the same time share a token. It is valid for an hour, and a run fetches at its beginning. A run that is launched
 * again gets another one, since the first may have been revoked.
 */
const tokenSeconds = 600;

/**
 * Sources of runs on GitHub: the repository, with a token for that one repository and reading its contents only. The
 * token is created when the job is written, is only in the job document, and expires after an hour.
 *
 * @param others resolves runs that are not of GitHub.
 */
export function githubSources({
  github,
  clock,
  others,
}: {
  github: GithubApp;
  clock: Clock;
  others: Sources;
}): Sources {
  const tokens = ttlCache<string>(clock, tokenSeconds);
  return {
    async resolve(run) {
      if (run.github === undefined || run.spec.source.kind !== 'git') return others.resolve(run);
      const names = await submoduleNames(github, run);
      const target = run.github;
      const key = JSON.stringify([
        target.installationId,
        target.repositoryId,
        target.owner,
        target.repo,
        names,
        run.launches,
      ]);
      const password = await tokens.get(key, () => tokenFor(github, target, names));
      return { source: sourceOf(run, run.spec.source, password), secretEnv: {} };
    },
  };
}

function sourceOf(
  run: Run,
  source: Extract<Run['spec']['source'], { kind: 'git' }>,
  password: string,
): JobSource {
  return omitUndefined({
    kind: 'git',
    url: source.url,
    branch: run.spec.branch,
    ref: source.ref,
    sha: run.sha,
    auth: { kind: 'basic', username: 'x-access-token', password },
  });
}

/**
 * Finds the repositories of the same owner that a run fetches as submodules.
 *
 * The default branch must name them too: everyone who may push a branch writes its `.gitmodules`, and would otherwise
 * read any repository of the owner that the App is installed on.
 */
async function submoduleNames(github: GithubApp, run: Run): Promise<string[]> {
  const { github: target, spec } = run;
  const isWanted = spec.checkout?.submodules !== undefined && spec.checkout.submodules !== false;
  // The commit of a fork can name any repository.
  if (target === undefined || !isWanted || spec.untrusted) return [];
  const named = await siblingsAt(github, target, target.headSha);
  if (named.length === 0) return [];
  const known = new Set(await siblingsAt(github, target, undefined));
  return named.filter((name) => known.has(name)).slice(0, maxSubmodules);
}

/** @param ref if omitted, the default branch. */
async function siblingsAt(
  github: GithubApp,
  target: GithubTarget,
  ref: string | undefined,
): Promise<string[]> {
  const text = await github.asInstallation(target.installationId, (octokit) =>
    orUndefined(async () => {
      const { data } = await octokit.rest.repos.getContent({
        owner: target.owner,
        repo: target.repo,
        path: '.gitmodules',
        mediaType: { format: 'raw' },
        ...omitUndefined({ ref }),
      });
      return String(data);
    }),
  );
  const names = [...(text ?? '').matchAll(/^\s*url\s*=\s*(\S+)\s*$/gm)].flatMap(([, url = '']) => {
    const [, owner, name] = /([^/:]+)\/([^/]+?)(?:\.git)?\/?$/.exec(url) ?? [];
    const isSibling = owner === '..' || owner?.toLowerCase() === target.owner.toLowerCase();
    const isOther = name !== undefined && name.toLowerCase() !== target.repo.toLowerCase();
    return isSibling && isOther ? [name.toLowerCase()] : [];
  });
  return [...new Set(names)];
}

/** @param submodules those that the App is not installed on are left out: they may be public. */
async function tokenFor(
  github: GithubApp,
  target: GithubTarget,
  submodules: readonly string[],
): Promise<string> {
  try {
    if (submodules.length === 0) return await tokenOf(github, target);
    const all = await orUndefined(() => tokenOf(github, target, [target.repo, ...submodules]));
    if (all !== undefined) return all;
    const isReadable = await Promise.all(
      submodules.map(
        async (name) => (await orUndefined(() => tokenOf(github, target, [name]))) !== undefined,
      ),
    );
    const readable = submodules.filter((_, place) => isReadable[place]);
    return await tokenOf(github, target, readable.length === 0 ? undefined : [target.repo, ...readable]);
  } catch (error) {
    if (error instanceof TryLater) throw error;
    if (!isRefusal(error)) {
      throw new BerthError('github_unavailable', 'GitHub did not issue a token to fetch the repository.', {
        cause: error,
        hint: 'Berth retries until it answers.',
      });
    }
    throw new BerthError('launch_failed', 'GitHub did not issue a token to fetch the repository.', {
      cause: error,
      hint: 'Check with `berth doctor` that the App is installed on the repository and may read its contents.',
    });
  }
}

/** Anything but a refusal may be temporary: an outage, a broken connection, an answer that is not JSON. */
function isRefusal(error: unknown): boolean {
  const status: unknown = error instanceof Error && 'status' in error ? error.status : undefined;
  return typeof status === 'number' && status >= 400 && status < 500 && status !== 408 && status !== 429;
}

async function tokenOf(
  github: GithubApp,
  target: GithubTarget,
  repositories?: readonly string[],
): Promise<string> {
  const { data } = await github.asApp((octokit) =>
    octokit.rest.apps.createInstallationAccessToken({
      installation_id: target.installationId,
      ...(repositories === undefined
        ? { repository_ids: [target.repositoryId] }
        : { repositories: [...repositories] }),
      permissions: { contents: 'read' },
    }),
  );
  return data.token;
}
