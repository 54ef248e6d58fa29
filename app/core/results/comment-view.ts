import { momentText } from '../../lib/format.ts';
import { codeCell, inlineCode, prose, webLink } from '../../lib/markdown.ts';
import type { Branch } from '../model/branch.ts';
import type { RunId } from '../model/ids.ts';
import { isActive, type Run } from '../model/run.ts';
import { isFailure, type RunState } from '../model/run-state.ts';
import type { Stack } from '../model/stack.ts';
import { checkHeadline } from './check-headline.ts';

/** The first line of the comment: by this Berth finds its own. */
export const commentMark = '<!-- berth pull request -->';

export interface CommentFacts {
  readonly branch: Branch;
  /** The newest run of each suite for the head commit. */
  readonly runs: readonly Run[];
  /** The stack that the branch holds. */
  readonly stack?: Stack;
  readonly linkOf: (id: RunId) => string;
}

/** The text of a pull request's comment, and whether it needs a call to GitHub. */
export interface CommentView {
  readonly body: string;
  /** Changes only for important facts: a result, the stack, the commit. */
  readonly substance: string;
  /** Whether it says more than the checks: a result, or the address of the stack. */
  readonly isUseful: boolean;
  /** No run of the commit is active. */
  readonly isFinal: boolean;
}

const icons: Readonly<Partial<Record<RunState, string>>> = {
  succeeded: '✅',
  failed: '❌',
  errored: '❌',
  timed_out: '⌛',
  cancelled: '🚫',
  skipped: '⏭️',
};

/** Renders the comment of a pull request. The same facts always give the same view. */
export function commentView({ branch, runs, stack, linkOf }: CommentFacts): CommentView {
  const shown = runs.toSorted((one, other) => one.spec.suite.localeCompare(other.spec.suite));
  const isFinal = !shown.some(isActive);
  const isRefused = shown.some(({ outcome }) => outcome?.errorCode === 'not_approved');
  const hasRun = shown.some(({ state }) => state !== 'skipped' && state !== 'cancelled');
  const failed = shown.filter(({ state }) => isFailure(state)).map(({ spec }) => spec.suite);
  const addresses = stack === undefined ? [] : addressesOf(stack, shown);
  const stackLine = stack === undefined ? undefined : stackText(stack, addresses);
  const rows = shown.map((run) => `| ${webLink(run.spec.suite, linkOf(run.id))} | ${resultText(run)} |`);
  const body = [
    commentMark,
    `**Berth** tests ${branch.head === undefined ? 'this pull request' : codeCell(branch.head.slice(0, 7))}.`,
    ...(stackLine === undefined ? [] : ['', stackLine]),
    '',
    '| Suite | Result |',
    '|---|---|',
    ...rows,
    '',
    isRefused ? approvalText(branch) : commandsText(stack !== undefined),
  ].join('\n');
  return {
    body,
    substance: JSON.stringify([branch.head, stackLine, failed, isRefused, isFinal ? rows : []]),
    isUseful: isRefused || failed.length > 0 || addresses.length > 0 || (isFinal && hasRun),
    isFinal,
  };
}

function resultText(run: Run): string {
  // A queue position or a phase would be outdated within minutes.
  return isActive(run) ? '⏳ In progress' : `${icons[run.state] ?? ''} ${prose(checkHeadline(run))}`;
}

/** The URLs of the stack, with the name of the deployment if there are several. */
function addressesOf({ stackName, deploys = {} }: Stack, runs: readonly Run[]): readonly [string, string][] {
  const deployed = Object.entries(deploys).flatMap(([name, { done }]): [string, string][] =>
    done?.url === undefined ? [] : [[name, done.url]],
  );
  // A stack that is deployed to has an address once it is deployed.
  if (deployed.length > 0 || runs.some(({ spec }) => spec.deploy !== undefined)) return deployed;
  const pattern = runs.find(({ spec }) => spec.stack?.url !== undefined)?.spec.stack?.url;
  return pattern === undefined ? [] : [['', pattern.replaceAll('{stack}', encodeURIComponent(stackName))]];
}

function stackText(
  { stackName, lastDeployedCommit, reservation }: Stack,
  addresses: readonly [string, string][],
): string {
  const linkOf = ([name, address]: [string, string]): string =>
    addresses.length === 1 ? webLink(address, address) : `${prose(name)}: ${webLink(address, address)}`;
  const parts = [
    `**Stack** ${codeCell(stackName)}`,
    ...addresses.map(linkOf),
    ...(lastDeployedCommit === undefined ? [] : [`deployed ${codeCell(lastDeployedCommit.slice(0, 7))}`]),
  ];
  const end =
    reservation === undefined
      ? 'It is released when the pull request closes.'
      : `It is reserved by ${inlineCode(reservation.by)} until ${momentText(reservation.until)}: ${prose(reservation.reason)}.`;
  return `${parts.join(' · ')}. ${end}`;
}

function commandsText(hasStack: boolean): string {
  const release = hasStack ? `, ${inlineCode('/release')} to release the stack` : '';
  return `Comment ${inlineCode('/retest')} to run the failed suites again${release}, or ${inlineCode('/help')} for all commands.`;
}

function approvalText({ head }: Branch): string {
  const command = `/ok-to-test${head === undefined ? '' : ` ${head}`}`;
  return `This commit comes from a fork. A person with write access reviews it and comments ${inlineCode(command)} to run it.`;
}
