import type { Context } from 'probot';
import { approveCommit } from '../../core/branches/approve-commit.ts';
import { branchOfPull, isOfBranch } from '../../core/branches/branch-of.ts';
import {
  describeStack,
  releaseStackOfBranch,
  reserveStackOfBranch,
  unreserveStackOfBranch,
} from '../../core/branches/branch-stack.ts';
import { cancelRunsOfBranch } from '../../core/branches/cancel-runs.ts';
import { type BranchDeps, reconcileBranch } from '../../core/branches/reconcile-branch.ts';
import type { Deps, GithubDeps } from '../../core/deps.ts';
import type { Branch, BranchKey } from '../../core/model/branch.ts';
import { TryLater } from '../../core/model/errors.ts';
import { isMeant } from '../../core/model/stack-deploy.ts';
import { addressOf, type GithubProject } from '../../core/projects/github-project.ts';
import { retestSuites, type SuiteRetestResult } from '../../core/runs/retest-suites.ts';
import { latestRuns } from '../../core/runs/run-pages.ts';
import { inlineCode } from '../../lib/markdown.ts';
import { omitUndefined } from '../../lib/omit-undefined.ts';
import { type EventDeps, isBot, projectOfEvent } from '../events/event-context.ts';
import { type CommentCommand, commandHelp, parseComment } from './comment-command.ts';

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

interface PullRequestComment {
  readonly project: GithubProject;
  readonly number: number;
  readonly commentId: number;
  readonly author: string;
  readonly body: string;
  readonly writtenAt: Date;
}

/** A comment, its branch, and the current state of that branch. */
interface Conversation {
  readonly comment: PullRequestComment;
  readonly key: BranchKey;
  readonly branch: Branch;
}

/**
 * Runs the commands in a comment on a pull request: an immediate reaction, and one answer if there is something to say.
 * People without write access get a reaction only, so that no one can make Berth talk.
 */
async function handleComment(deps: BranchDeps, comment: PullRequestComment): Promise<void> {
  const commands = parseComment(comment.body);
  if (commands.length === 0) return;
  const at = addressOf(comment.project);
  const { conversations, repositories, pullRequests } = deps.github;
  const react = (reaction: Parameters<typeof conversations.react>[2]) =>
    optional(deps, () => conversations.react(at, comment.commentId, reaction));
  if (!(await repositories.mayWrite(at, comment.author))) return await react('-1');
  await react(commands.every(({ kind }) => kind === 'mistyped') ? 'confused' : 'eyes');
  const pull = await pullRequests.get(at, comment.number);
  if (pull === undefined) return;
  const key = branchOfPull(comment.project, pull);
  // Everything that was pushed so far is tested first: its event may have been lost.
  const branch = await reconcileBranch(deps, comment.project, key, {
    pull: pull.number,
    trigger: { kind: 'comment', actor: comment.author },
  });
  if (branch === undefined) return;
  const answers: string[] = [];
  for (const command of commands) {
    const answer = await run(deps, { comment, key, branch }, command);
    if (answer !== undefined) answers.push(answer);
  }
  if (answers.length === 0) return;
  const text = answers.join('\n\n');
  await optional(deps, () => conversations.reply(at, comment.number, `comment-${comment.commentId}`, text));
}

/** A call that GitHub refuses, for example because the comment was deleted, must not keep a command from running. */
async function optional({ log }: Pick<GithubDeps, 'log'>, call: () => Promise<void>): Promise<void> {
  try {
    await call();
  } catch (error) {
    if (error instanceof TryLater) throw error;
    log.warn({ err: error }, 'GitHub rejected a reaction or a reply');
  }
}

/** @returns the text of the answer; undefined if the checks already say it. */
async function run(
  deps: BranchDeps,
  conversation: Conversation,
  command: CommentCommand,
): Promise<string | undefined> {
  const { comment, key, branch } = conversation;
  const { project, number, author, writtenAt } = comment;
  switch (command.kind) {
    case 'help':
      return helpText();
    case 'mistyped':
      return `${inlineCode(command.typed)} was not understood. ${command.advice} ${inlineCode('/help')} lists the commands.`;
    case 'stack':
      return await describeStack(deps, project, branch);
    case 'release':
      return await releaseStackOfBranch(deps, project, branch, command);
    case 'reserve': {
      const { seconds, reason } = command;
      return await reserveStackOfBranch(deps, project, branch, { seconds, reason, by: author });
    }
    case 'unreserve':
      return await unreserveStackOfBranch(deps, project, branch);
    case 'cancel':
      return await cancel(deps, conversation, command.suites);
    case 'ok-to-test': {
      const { sha } = command;
      const request = { project, branch: key, pull: number, by: author, sha, writtenAt };
      return await approveCommit(deps, omitUndefined(request));
    }
    case 'retest':
      return await retest(deps, conversation, command.which);
  }
}

function helpText(): string {
  const lines = Object.entries(commandHelp).map(([command, does]) => `- ${inlineCode(command)}: ${does}`);
  return ['Write one of these commands at the start of a line. You need write access.', '', ...lines].join(
    '\n',
  );
}

const list = (names: readonly string[]): string => names.map(inlineCode).join(', ');

async function cancel(
  deps: Pick<Deps, 'store' | 'clock' | 'enqueue'>,
  { comment: { project, author }, branch }: Conversation,
  suites: readonly string[],
): Promise<string | undefined> {
  const cancelled = await cancelRunsOfBranch(deps, project, branch, {
    fits: (one) => suites.length === 0 || suites.some((name) => isMeant(one.spec.suite, name)),
    reason: `${author} canceled it with /cancel.`,
    by: author,
  });
  const idle = suites.filter((name) => !cancelled.some(({ spec }) => isMeant(spec.suite, name)));
  if (cancelled.length > 0 && idle.length === 0) return undefined;
  if (idle.length === 0 || branch.head === undefined)
    return 'Nothing is running for this pull request that could be canceled.';
  const known = await latestRuns(deps, project, branch.head, (one) => isOfBranch(one, branch, project));
  const unknown = idle.filter((name) => ![...known.keys()].some((suite) => isMeant(suite, name)));
  return unknown.length > 0
    ? noSuchSuite(unknown, [...known.keys()])
    : `${list(idle)} ${idle.length === 1 ? 'is' : 'are'} not running.`;
}

async function retest(
  deps: BranchDeps,
  { comment: { project, author, commentId }, branch }: Conversation,
  which: 'failed' | 'all' | readonly string[],
): Promise<string | undefined> {
  if (!branch.isOpen || branch.head === undefined) return 'The pull request is closed. Nothing was run.';
  const result = await retestSuites(deps, {
    project,
    sha: branch.head,
    which,
    failedOnly: which === 'failed',
    trigger: { kind: 'comment', actor: author },
    key: `comment ${commentId}`,
    fits: (one) => isOfBranch(one, branch, project),
  });
  return retestAnswer(result, branch.head, which);
}

function retestAnswer(
  { started, active, unknown, refused, known }: SuiteRetestResult,
  sha: string,
  which: 'failed' | 'all' | readonly string[],
): string | undefined {
  const said: string[] = [];
  if (unknown.length > 0) said.push(noSuchSuite(unknown, known));
  if (refused.length > 0) {
    said.push(
      `${list(refused)} did not run: this commit comes from a fork, and ${inlineCode('/ok-to-test')} approves it.`,
    );
  }
  if (active.length > 0) said.push(`Already running: ${list(active)}.`);
  if (said.length === 0 && started.length === 0 && which === 'failed') {
    said.push(
      `Nothing has failed on ${inlineCode(sha.slice(0, 7))}. ${inlineCode('/retest all')} runs every suite again.`,
    );
  }
  return said.length === 0 ? undefined : said.join(' ');
}

function noSuchSuite(unknown: readonly string[], known: readonly string[]): string {
  return `There is no suite ${list(unknown)}. This commit has ${list(known)}.`;
}
