import type { Context } from 'probot';
import { carryOutComment } from '../../usecases/github/carry-out-comment.ts';
import type { GithubDeps } from '../../usecases/github/github-deps.ts';
import { isBot, projectOfEvent } from './event-context.ts';

/** Somebody wrote a comment. Editing one runs nothing again, and machines are not listened to. */
export async function onIssueComment(
  deps: GithubDeps,
  payload: Context<'issue_comment.created'>['payload'],
): Promise<void> {
  const { issue, comment } = payload;
  if (issue.pull_request === undefined || comment.user === null || isBot(comment.user)) return;
  const project = await projectOfEvent(deps, payload);
  if (project === undefined) return;
  await carryOutComment(deps, {
    project,
    number: issue.number,
    commentId: comment.id,
    author: comment.user.login,
    body: comment.body,
    writtenAt: new Date(comment.created_at),
  });
}
