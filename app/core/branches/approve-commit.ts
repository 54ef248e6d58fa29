import { inlineCode } from '../../lib/markdown.ts';
import type { PullRequest } from '../../ports/github.ts';
import { latestRuns } from '../runs/latest-runs.ts';
import type { GithubDeps } from './github-deps.ts';
import type { PullRequestComment } from './pull-request-comment.ts';
import { syncPullRequest } from './sync-pull-request.ts';

/**
 * `/ok-to-test`: the code of a fork's pull request may run, in this commit and no other.
 *
 * The comment names no commit, and the fork's owner may push another between the look and the word. So only a commit
 * whose refusal stood on the pull request before the comment was written is approved by it.
 */
export async function approveCommit(
  deps: GithubDeps,
  comment: PullRequestComment,
  pull: PullRequest,
): Promise<string | undefined> {
  const { project, number, author, writtenAt } = comment;
  if (!pull.isFork) return 'This pull request does not come from a fork: its tests need no approval.';
  if (!pull.isOpen) return 'The pull request is closed; nothing was run.';
  const trigger = { kind: 'comment', actor: author } as const;
  const runs = [...(await latestRuns(deps, project, pull.headSha)).values()];
  const refusals = runs.filter((run) => run.state === 'skipped' && run.spec.untrusted);
  if (runs.length > 0 && refusals.length === 0) return undefined;
  if (refusals.some((run) => run.createdAt <= writtenAt)) {
    await syncPullRequest(deps, { project, number, trigger, approvedSha: pull.headSha });
    return undefined;
  }
  await syncPullRequest(deps, { project, number, trigger });
  return `The latest commit, ${inlineCode(pull.headSha.slice(0, 7))}, came after what you approved, or at the same time. Look at it, and comment ${inlineCode('/ok-to-test')} again.`;
}
