import type { GithubPullRequests, PullRequest, RepositoryAddress } from '../../ports/github.ts';
import type { GithubApp } from './github-app.ts';
import { orUndefined } from './repositories.ts';

export function githubPullRequests({ github }: { github: GithubApp }): GithubPullRequests {
  const list = (at: RepositoryAddress, filter: { head?: string }) =>
    github.asInstallation(at.installationId, async (octokit) => {
      const pulls = await octokit.paginate(octokit.rest.pulls.list, {
        owner: at.owner,
        repo: at.repo,
        state: 'open',
        per_page: 100,
        ...filter,
      });
      return pulls.map((pull) => pullRequestOf(at, pull));
    });

  return {
    get: (at, number) =>
      github.asInstallation(at.installationId, (octokit) =>
        orUndefined(async () => {
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
      // A fork in the same organisation has the same owner.
      return found.filter((pull) => !pull.isFork && pull.headBranch === branch);
    },
  };
}

interface PullShape {
  readonly number: number;
  readonly state: string;
  readonly draft?: boolean;
  readonly user: { readonly login: string } | null;
  readonly head: {
    readonly ref: string;
    readonly sha: string;
    readonly repo: { readonly id: number } | null;
  };
  readonly base: { readonly ref: string };
  readonly updated_at: string;
}

function pullRequestOf(at: RepositoryAddress, pull: PullShape): PullRequest {
  return {
    number: pull.number,
    isOpen: pull.state === 'open',
    isDraft: pull.draft === true,
    author: pull.user?.login ?? 'ghost',
    headBranch: pull.head.ref,
    headSha: pull.head.sha,
    isFork: pull.head.repo?.id !== at.repositoryId,
    baseBranch: pull.base.ref,
    updatedAt: new Date(pull.updated_at),
  };
}
