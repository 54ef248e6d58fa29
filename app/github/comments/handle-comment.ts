import { approveCommit } from '../../core/branches/approve-commit.ts';
import { cancelRuns } from '../../core/branches/cancel-runs.ts';
import type { GithubDeps } from '../../core/branches/github-deps.ts';
import type { PullRequestComment } from '../../core/branches/pull-request-comment.ts';
import { releasePullRequestStack, tellStack } from '../../core/branches/pull-request-stack.ts';
import { syncPullRequest } from '../../core/branches/sync-pull-request.ts';
import { addressOf } from '../../core/projects/github-project.ts';
import { retestSuites, type SuiteRetestResult } from '../../core/runs/retest-suites.ts';
import { inlineCode } from '../../lib/markdown.ts';
import type { PullRequest } from '../../ports/github.ts';
import { type CommentCommand, commandHelp, parseComment } from './comment-command.ts';

/**
 * Carries out the commands in a comment on a pull request: a reaction at once, and one answer where there is something
 * to say. Silent where there is no command; people without write access get a reaction alone, so that nobody can make
 * Berth talk.
 */
export async function handleComment(deps: GithubDeps, comment: PullRequestComment): Promise<void> {
  const commands = parseComment(comment.body);
  if (commands.length === 0) return;
  const at = addressOf(comment.project);
  const { conversations, repositories, pullRequests } = deps.github;
  if (!(await repositories.mayWrite(at, comment.author))) {
    return await conversations.react(at, comment.commentId, '-1');
  }
  const isMistyped = commands.every(({ kind }) => kind === 'mistyped');
  await conversations.react(at, comment.commentId, isMistyped ? 'confused' : 'eyes');
  const pull = await pullRequests.get(at, comment.number);
  if (pull === undefined) return;
  const answers: string[] = [];
  for (const command of commands) {
    const answer = await carryOut(deps, comment, pull, command);
    if (answer !== undefined) answers.push(answer);
  }
  if (answers.length > 0) {
    await conversations.reply(at, comment.number, `comment-${comment.commentId}`, answers.join('\n\n'));
  }
}

/** @returns what there is to say; undefined where the check runs say it. */
async function carryOut(
  deps: GithubDeps,
  comment: PullRequestComment,
  pull: PullRequest,
  command: CommentCommand,
): Promise<string | undefined> {
  switch (command.kind) {
    case 'help':
      return helpText();
    case 'mistyped':
      return `${inlineCode(command.typed)} was not understood. ${command.advice} ${inlineCode('/help')} lists what there is.`;
    case 'stack':
      return await tellStack(deps, comment.project, comment.number);
    case 'release':
      return await releasePullRequestStack(deps, comment.project, comment.number);
    case 'cancel':
      return await cancel(deps, comment, command.suites);
    case 'ok-to-test':
      return await approveCommit(deps, comment, pull);
    case 'retest':
      return await retestCommand(deps, comment, pull, command.which);
  }
}

function helpText(): string {
  const lines = Object.entries(commandHelp).map(([command, does]) => `- ${inlineCode(command)}: ${does}`);
  return ['Write one of these commands at the start of a line. You need write access.', '', ...lines].join(
    '\n',
  );
}

async function cancel(
  deps: GithubDeps,
  { project, number, author }: PullRequestComment,
  suites: readonly string[],
): Promise<string | undefined> {
  const cancelled = await cancelRuns(deps, project, {
    fits: (run) =>
      run.github?.pullRequest === number && (suites.length === 0 || suites.includes(run.spec.suite)),
    reason: `${author} cancelled it with /cancel.`,
    by: author,
  });
  return cancelled.length === 0
    ? 'Nothing is running for this pull request that could be cancelled.'
    : undefined;
}

async function retestCommand(
  deps: GithubDeps,
  { project, number, author, commentId }: PullRequestComment,
  pull: PullRequest,
  which: 'failed' | 'all' | readonly string[],
): Promise<string | undefined> {
  if (!pull.isOpen) return 'The pull request is closed; nothing was run.';
  const trigger = { kind: 'comment', actor: author } as const;
  const sha = pull.headSha;
  const result = await retestSuites(deps, { project, sha, which, trigger, key: `comment ${commentId}` });
  if (result.known.length === 0) {
    // The event of this commit was missed: its first test is what was meant.
    await syncPullRequest(deps, { project, number, trigger });
    return undefined;
  }
  return retestAnswer(result, sha, which);
}

function retestAnswer(
  { started, active, unknown, refused, known }: SuiteRetestResult,
  sha: string,
  which: 'failed' | 'all' | readonly string[],
): string | undefined {
  const list = (names: readonly string[]): string => names.map(inlineCode).join(', ');
  const said: string[] = [];
  if (unknown.length > 0) said.push(`There is no suite ${list(unknown)}. This commit has ${list(known)}.`);
  if (refused.length > 0) {
    said.push(
      `${list(refused)} of a fork was not approved for this commit: ${inlineCode('/ok-to-test')} approves it.`,
    );
  }
  if (active.length > 0) said.push(`Already under way: ${list(active)}.`);
  if (said.length === 0 && started.length === 0 && which === 'failed') {
    said.push(
      `Nothing has failed on ${inlineCode(sha.slice(0, 7))}. ${inlineCode('/retest all')} runs every suite again.`,
    );
  }
  return said.length === 0 ? undefined : said.join(' ');
}
