import { BerthError, TryLater } from '../../core/model/errors.ts';
import type { JobSource } from '../../core/model/job.ts';
import type { GithubTarget, Run } from '../../core/model/run.ts';
import { omitUndefined } from '../../lib/omit-undefined.ts';
import type { Sources } from '../../ports/sources.ts';
import type { GithubApp } from './github-app.ts';

/**
 * Sources of runs on GitHub: the repository, with a token for that one repository and reading its contents only. The
 * token is made when the job is written, stands in the job document alone, and ends after an hour.
 *
 * @param others resolves runs that are not of GitHub.
 */
export function githubSources({ github, others }: { github: GithubApp; others: Sources }): Sources {
  return {
    async resolve(run) {
      if (run.github === undefined || run.spec.source.kind !== 'git') return others.resolve(run);
      const password = await tokenFor(github, run.github);
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

async function tokenFor(github: GithubApp, target: GithubTarget): Promise<string> {
  try {
    const { data } = await github.asApp((octokit) =>
      octokit.rest.apps.createInstallationAccessToken({
        installation_id: target.installationId,
        repository_ids: [target.repositoryId],
        permissions: { contents: 'read' },
      }),
    );
    return data.token;
  } catch (error) {
    if (error instanceof TryLater) throw error;
    if (!isRefusal(error)) {
      throw new BerthError('github_unavailable', 'GitHub gave no token to fetch the repository with.', {
        cause: error,
        hint: 'It is asked again until it answers.',
      });
    }
    throw new BerthError('launch_failed', 'GitHub gave no token to fetch the repository with.', {
      cause: error,
      hint: 'Check with `berth doctor` that the App is installed on the repository and may read its contents.',
    });
  }
}

/** Anything but a refusal may pass: an outage, a broken connection, an answer that is no JSON. */
function isRefusal(error: unknown): boolean {
  const status: unknown = error instanceof Error && 'status' in error ? error.status : undefined;
  return typeof status === 'number' && status >= 400 && status < 500 && status !== 408 && status !== 429;
}
