import { omitUndefined } from '../../lib/omit-undefined.ts';
import type { GithubPullRequests, PullRequest, RepositoryAddress } from '../../ports/github.ts';
import type { PageCache } from './conditional-pages.ts';
import type { GithubApp } from './github-app.ts';
import { orUnreachable } from './missing.ts';

export function githubPullRequests({
  github,
  pages,
}: {
  github: GithubApp;
  pages: PageCache;
}): GithubPullRequests {
  const list = (at: RepositoryAddress, filter: { head?: string }) =>
    github.asInstallation(at.installationId, async (octokit) => {
      const parameters = { owner: at.owner, repo: at.repo, state: 'open', ...filter };
      const key = `pulls ${JSON.stringify([at.installationId, parameters])}`;
      const pulls = await pages.read(
        octokit,
        { key, route: '/repos/{owner}/{repo}/pulls', parameters },
        (data) =>
          // The answer is a list of pull requests, as GitHub describes it.
          (data as readonly PullShape[]).map((pull) => pullRequestOf(at, pull)),
      );
      return pulls ?? [];
    });

  return {
    get: (at, number) =>
      github.asInstallation(at.installationId, (octokit) =>
        orUnreachable(octokit, { owner: at.owner, repo: at.repo }, async () => {
          const { data } = await octokit.rest.pulls.get({
            owner: at.owner,
            repo: at.repo,
            pull_number: number,
          });
          return pullRequestOf(at, data);
        }),
      ),
    listOpen: (at) => list(at, {}),
    async listOpenOfBranch(at, branch) {
      const found = await list(at, { head: `${at.owner}:${branch}` });
      // A fork in the same organization has the same owner.
      return found.filter((pull) => !pull.isFork && pull.headBranch === branch);
    },
  };
}

interface PullShape {
  readonly number: number;
  readonly state: string;
  readonly draft?: boolean;
  readonly head: {
    readonly ref: string;
    readonly sha: string;
    readonly repo: { readonly id: number; readonly full_name?: string } | null;
  };
  readonly base: { readonly ref: string };
  readonly created_at: string;
}

function pullRequestOf(at: RepositoryAddress, pull: PullShape): PullRequest {
  return omitUndefined({
    number: pull.number,
    isOpen: pull.state === 'open',
    isDraft: pull.draft === true,
    headBranch: pull.head.ref,
    headSha: pull.head.sha,
    isFork: pull.head.repo?.id !== at.repositoryId,
    headRepositoryId: pull.head.repo?.id,
    headRepository: pull.head.repo?.full_name,
    baseBranch: pull.base.ref,
    openedAt: new Date(pull.created_at),
  });
}
