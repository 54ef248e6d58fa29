import type { GithubProject } from '../projects/github-project.ts';

/** What somebody wrote under a pull request. */
export interface PullRequestComment {
  readonly project: GithubProject;
  readonly number: number;
  readonly commentId: number;
  readonly author: string;
  readonly body: string;
  readonly writtenAt: Date;
}
