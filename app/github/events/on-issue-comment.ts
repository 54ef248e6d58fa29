import type { Context } from 'probot';
import { handleComment } from '../comments/handle-comment.ts';
import { type EventDeps, isBot, projectOfEvent } from './event-context.ts';

/** A person commented. Edits and comments of bots run no commands. */
export async function onIssueComment(
  deps: EventDeps,
  payload: Context<'issue_comment.created'>['payload'],
): Promise<void> {
  const { issue, comment } = payload;
  if (issue.pull_request === undefined || comment.user === null || isBot(comment.user)) return;
  const project = await projectOfEvent(deps, payload);
  if (project === undefined) return;
  await handleComment(deps, {
    project,
    number: issue.number,
    commentId: comment.id,
    author: comment.user.login,
    body: comment.body,
    writtenAt: new Date(comment.created_at),
  });
}
