import { cutText } from '../../lib/cut-text.ts';
import { costText } from '../../lib/format.ts';
import { compileGlobs } from '../../lib/glob.ts';
import { printable } from '../../lib/markdown.ts';
import type { BerthEvent } from '../../ports/events.ts';
import { standsForBranch } from '../branches/branch-of.ts';
import type { Deps } from '../deps.ts';
import type { BudgetState } from '../model/budget.ts';
import type { ProjectId } from '../model/ids.ts';
import { defaultBranchesOf, type Project } from '../model/project.ts';
import { hasRetry, type Run } from '../model/run.ts';
import { isFailure } from '../model/run-state.ts';
import type { Stack } from '../model/stack.ts';
import { findNewest } from '../runs/run-pages.ts';
import { checkHeadline } from './check-headline.ts';

/** The subjects of notifications. */
export interface NoticeSettings {
  /** Globs of branches. If omitted, the default branch of each repository; `main` and `master` of other projects. */
  readonly branches?: readonly string[];
}

export type NoticeDeps = Pick<Deps, 'store' | 'links'>;

/**
 * Writes the message for an event, in the markup of Slack: a failure, a recovery, a dirty stack, or the budget.
 *
 * @returns undefined if the event is not worth a message.
 */
export async function noticeOf(
  deps: NoticeDeps,
  settings: NoticeSettings,
  event: BerthEvent,
): Promise<string | undefined> {
  const projectOf = (id: ProjectId | undefined) =>
    id === undefined ? undefined : deps.store.projects.get(id);
  switch (event.type) {
    case 'StackDirty':
      return dirtyText(await projectOf(event.stack.projectId), event.stack);
    case 'BudgetReached':
      return budgetText(await projectOf(event.projectId), event.budget);
    case 'RunFinished': {
      const project = await projectOf(event.run.projectId);
      return project === undefined ? undefined : verdictText(deps, settings, project, event.run);
    }
    default:
      return undefined;
  }
}

/** An attempt that is retried automatically has no verdict yet. */
const hasVerdict = (run: Run): boolean =>
  run.spec.teardownOf === undefined && (run.state === 'succeeded' || isFailure(run.state)) && !hasRetry(run);

async function verdictText(
  deps: NoticeDeps,
  { branches }: NoticeSettings,
  project: Project,
  run: Run,
): Promise<string | undefined> {
  if (!hasVerdict(run) || !isChosen(project, run, branches)) return undefined;
  const { branch, suite } = run.spec;
  const isOther = (one: Run): boolean => one.id !== run.id && hasVerdict(one) && standsForBranch(one);
  const other = await findNewest(deps.store, project.id, { branch, suite }, isOther);
  // A newer commit already has its result.
  if (other !== undefined && other.createdAt > run.createdAt) return undefined;
  const hasFailed = isFailure(run.state);
  const hadFailed = other !== undefined && isFailure(other.state);
  if (!hasFailed && !hadFailed) return undefined;
  const icon = hasFailed ? ':x:' : ':white_check_mark:';
  const what = hasFailed ? 'failed' : 'passes again';
  const cause = hasFailed ? causeOf(run) : undefined;
  return [
    `${icon} ${link(deps.links.run(run.id), suite)} ${what} on *${escaped(branch)}* of ${escaped(project.name)}: ${escaped(checkHeadline(run))}`,
    ...(cause === undefined ? [] : [`> ${escaped(cutText(cause, 300))}`]),
    ...commitLine(deps, run),
  ].join('\n');
}

/** The first failed test, or what kept the tests from running; undefined if the headline says it all. */
function causeOf({ state, outcome }: Run): string | undefined {
  return outcome?.failures[0]?.name ?? (state === 'errored' ? outcome?.summary : undefined);
}

function commitLine({ links }: NoticeDeps, run: Run): readonly string[] {
  const { sha, commit } = run;
  if (sha === undefined) return [];
  const address = links.commit(run);
  const short = sha.slice(0, 7);
  const author = commit?.author === undefined ? '' : ` (${escaped(commit.author)})`;
  return [
    `${address === undefined ? short : link(address, short)} ${escaped(commit?.message ?? '')}${author}`.trim(),
  ];
}

function isChosen(project: Project, run: Run, branches: readonly string[] | undefined): boolean {
  if (!standsForBranch(run)) return false;
  const { branch } = run.spec;
  if (branches !== undefined) return compileGlobs(branches)(branch);
  return defaultBranchesOf(project).includes(branch);
}

function dirtyText(project: Project | undefined, { stackName }: Stack): string {
  // Names of stacks consist of letters, digits, - and _, so the command can be copied as it is.
  const command = `berth stacks teardown ${stackName}${project === undefined ? '' : ` --project ${project.id}`}`;
  return `:warning: The stack *${escaped(stackName)}*${ofProject(project)} is dirty: its teardown failed, so no branch gets it. Run it again with \`${command}\`.`;
}

function budgetText(
  project: Project | undefined,
  { usedUsd, monthlyUsd, month, action, state }: BudgetState,
): string {
  const whose = project === undefined ? 'of all projects' : `of ${escaped(project.name)}`;
  const consequence = state === 'exceeded' && action === 'stop' ? ' Berth refuses new runs.' : '';
  const percent = Math.floor((usedUsd / monthlyUsd) * 100);
  return `:moneybag: The runs ${whose} cost ${costText(usedUsd)} in ${month}: ${percent}% of the budget of ${costText(monthlyUsd)}.${consequence}`;
}

function ofProject(project: Project | undefined): string {
  return project === undefined ? '' : ` of ${escaped(project.name)}`;
}

/**
 * A text as Slack shows it, without links and mentions: https://docs.slack.dev/messaging/formatting-message-text.
 * Mattermost, Rocket.Chat, and Discord also read `@all`, `@here`, `[text](address)` and `![text](address)`.
 */
function escaped(text: string): string {
  return printable(text)
    .replace(/\s+/g, ' ')
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/[*_~`]|(?<=\])\(/g, '\u200b$&')
    .replace(/@(?=\w)/g, '@\u200b');
}

function link(address: string, label: string): string {
  return `<${address.replace(/[<>|]/g, encodeURIComponent)}|${escaped(label)}>`;
}
