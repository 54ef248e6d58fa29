import type { GithubProject } from '../projects/github-project.ts';

/** A comment on a pull request. */
export interface PullRequestComment {
  readonly project: GithubProject;
  readonly number: number;
  readonly commentId: number;
  readonly author: string;
  readonly body: string;
  readonly writtenAt: Date;
}
