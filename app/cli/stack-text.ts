import type { Stack, StackHistory } from '../client/api-types.ts';
import { costText, momentText } from '../lib/format.ts';
import { table } from './table.ts';
import type { Output } from './terminal.ts';
import { ageText } from './time-text.ts';
import { cut, visible } from './visible-text.ts';

type Colors = Output['colors'];

/** The state of a stack in one word: `dirty`, `reserved`, `free`, or `held`. */
export function stateText(stack: Stack, colors: Colors): string {
  if (stack.state === 'dirty') return colors.red('dirty');
  if (stack.reservation != null) return colors.yellow('reserved');
  return stack.isAvailable ? colors.green('free') : colors.yellow('held');
}

/** The deployed commit, how old its deployment is, and whether the branch has a newer commit. */
export function deployedText(
  { lastDeployedCommit: commit, deployedAt, headCommit }: Stack,
  now: Date,
): string {
  if (commit === undefined) return '';
  const age = deployedAt == null ? '' : `, ${ageText(new Date(deployedAt), now)}`;
  const isOld = headCommit != null && headCommit !== commit;
  return `${visible(commit.slice(0, 12))}${age}${isOld ? ', not the latest commit' : ''}`;
}

export function dirtyText({ dirty }: Stack): string {
  if (dirty == null) return '';
  const next =
    dirty.retryAt === null ? 'Run `berth stacks teardown` or `clean`.' : `Retry at ${timeOf(dirty.retryAt)}.`;
  return `${dirty.reason} ${next}`;
}

export function reservationText({ reservation }: Stack): string {
  if (reservation == null) return '';
  return `by ${reservation.by} until ${timeOf(reservation.until)}: ${reservation.reason}`;
}

/** A time in an answer of the API. @returns the empty text for none. */
export function timeOf(time: string | null): string {
  return time === null ? '' : momentText(new Date(time));
}

/** Everything about one stack, then its holders, latest first. */
export function stackDetails(
  stack: Stack,
  { holds }: StackHistory,
  { colors, now }: { readonly colors: Colors; readonly now: Date },
): string {
  const outputs = (stack.deploys ?? []).flatMap(({ name, outputs }) =>
    Object.entries(outputs).map(([key, value]) => [visible(`${name} ${key}`), visible(value)]),
  );
  const facts = [
    ['State', stateText(stack, colors)],
    ['Branch', visible(stack.branch)],
    ['Held by', visible(stack.heldBy ?? '')],
    ['Since', stack.heldSince === null ? '' : ageText(new Date(stack.heldSince), now)],
    ['Lease until', timeOf(stack.leaseUntil)],
    ['Deployed', deployedText(stack, now)],
    ['URL', visible(stack.url ?? '')],
    ...outputs,
    ['Reserved', visible(reservationText(stack))],
    ['Dirty', visible(dirtyText(stack))],
    ['Cost of the last 100 runs', stack.costUsd == null ? '' : costText(stack.costUsd)],
  ].filter(([, value]) => value !== '');
  const rows = holds.map(({ heldBy, branch, since, until, deployments }) => [
    visible(heldBy),
    cut(visible(branch), 40),
    timeOf(since),
    timeOf(until),
    visible(deployments.map(({ commit }) => commit.slice(0, 12)).join(' ')),
  ]);
  const history = table(['HELD BY', 'BRANCH', 'SINCE', 'UNTIL', 'DEPLOYED'], rows, colors.dim);
  return `${table([stack.stackName], facts, colors.bold)}${rows.length === 0 ? '' : `\n${history}`}`;
}
