import { BerthError, TryLater } from '../../core/model/errors.ts';
import type { Run } from '../../core/model/run.ts';
import { sourceKey } from '../../core/model/run-keys.ts';
import type { Objects } from '../../ports/objects.ts';
import type { Sources } from '../../ports/sources.ts';
import type { GithubApp } from './github-app.ts';

/**
 * Sources of runs on GitHub for tasks that do not reach it: Berth fetches the archive of the commit and stores it
 * with the job, and the task gets its URL. The task then has no token of GitHub either.
 *
 * The archive is held in memory, and GitHub has 15 seconds to send it.
 *
 * @param deps.others resolves all other runs, whose source the tasks must be able to reach.
 * @param deps.ttlSeconds how long the URL is valid.
 */
export function githubArchives(deps: {
  readonly github: GithubApp;
  readonly objects: Pick<Objects, 'put' | 'grant'>;
  readonly others: Sources;
  readonly ttlSeconds: number;
}): Sources {
  const { github, objects, others, ttlSeconds } = deps;
  return {
    async resolve(run) {
      const { sha } = run;
      if (run.github === undefined || sha === undefined) return others.resolve(run);
      const key = sourceKey(run.id);
      await objects.put(key, await archiveOf(github, run.github, sha), 'application/gzip');
      const url = await objects.grant({ key, method: 'GET', ttlSeconds });
      return {
        source: { kind: 'archive', url, branch: run.spec.branch, sha, headers: {} },
        secretEnv: {},
      };
    },
  };
}

async function archiveOf(
  github: GithubApp,
  { installationId, owner, repo }: NonNullable<Run['github']>,
  sha: string,
): Promise<Uint8Array> {
  try {
    const { data } = await github.asInstallation(installationId, (octokit) =>
      octokit.rest.repos.downloadTarballArchive({ owner, repo, ref: sha }),
    );
    // Octokit types it as unknown; it returns binary content as an ArrayBuffer.
    return new Uint8Array(data as ArrayBuffer);
  } catch (error) {
    if (error instanceof TryLater || error instanceof BerthError) throw error;
    throw new BerthError('launch_failed', `GitHub did not return an archive of the commit ${sha}.`, {
      cause: error,
      hint: 'Check with `berth doctor` that the App is installed on the repository and may read its contents.',
    });
  }
}
