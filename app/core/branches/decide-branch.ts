import { later } from '../../lib/later.ts';
import { omitUndefined } from '../../lib/omit-undefined.ts';
import type { Deps } from '../deps.ts';
import type { Branch, OpenPull } from '../model/branch.ts';
import { holder } from '../model/ids.ts';
import type { Trigger } from '../model/run.ts';
import type { SeenBranch } from './observe-branch.ts';

export interface Decision {
  readonly now: Date;
  readonly defaultBranch: string;
  readonly trigger?: Trigger;
  /** The merge queue gave up on the group at this commit. */
  readonly endedAt?: string;
}

/** Computes the new state of a stored branch from GitHub's answer. Its due time and its attempts stay. */
export function decideBranch(stored: Branch, seen: SeenBranch, decision: Decision): Branch {
  const { now, trigger } = decision;
  const isOpen = isWanted(stored, seen, decision);
  const isMoved = seen.head !== stored.head;
  const isOpened = isOpen && !stored.isOpen;
  const { closedHead: _, pullsSince: __, head: ___, previousHead: ____, ...rest } = stored;
  return omitUndefined({
    ...rest,
    isOpen,
    epoch: isOpened ? stored.epoch + 1 : stored.epoch,
    head: seen.head,
    headSince: isMoved ? now : stored.headSince,
    previousHead: isMoved ? stored.head : stored.previousHead,
    pulls: inOrder(seen.pulls, decision.defaultBranch),
    fork: stored.isTrusted ? undefined : (seen.fork ?? stored.fork),
    pullsSince: seen.pulls.length === 0 ? undefined : (stored.pullsSince ?? now),
    closedHead: isOpen ? undefined : seen.head,
    // The branch of a fork may have the same name as one of the repository.
    holder: stored.isTrusted ? stored.holder : holder.fork(stored.repositoryId, stored.name),
    trigger: trigger !== undefined && (isMoved || isOpened) ? trigger : stored.trigger,
  });
}

/**
 * The first decides where several cannot: a pull request into the default branch, otherwise the oldest. So no one changes how
 * a commit is tested by opening another pull request of it.
 */
function inOrder(pulls: SeenBranch['pulls'], defaultBranch: string): SeenBranch['pulls'] {
  const rank = ({ baseBranch }: OpenPull): number => (baseBranch === defaultBranch ? 0 : 1);
  return [...pulls].sort((one, other) => rank(one) - rank(other) || one.number - other.number);
}

function isWanted(stored: Branch, { head, pulls }: SeenBranch, decision: Decision): boolean {
  if (head === undefined) return false;
  if (pulls.length > 0 || (stored.isTrusted && stored.name === decision.defaultBranch)) return true;
  if (!stored.isTrusted || head === decision.endedAt) return false;
  // Its last pull request was closed: the branch stays as a name, until something is pushed to it.
  const wasLeft = stored.pulls.length > 0 && head === stored.head;
  return !wasLeft && head !== stored.closedHead;
}

/** Whether a reconcile of a branch has found nothing new. */
export function isSame(stored: Branch, seen: SeenBranch): boolean {
  const text = (pulls: Branch['pulls']): string =>
    JSON.stringify(
      [...pulls]
        .sort((one, other) => one.number - other.number)
        .map(({ number, baseBranch, isDraft }) => [number, baseBranch, isDraft]),
    );
  return stored.head === seen.head && text(stored.pulls) === text(seen.pulls);
}

const mostSeconds = 600;

/**
 * When an open branch with unfinished runs or a stack is checked next if no event arrives: soon after it
 * changed, and less and less often while it does not, so that a long queue costs few calls.
 */
export function nextCheck({ clock, policy }: Pick<Deps, 'clock' | 'policy'>, { headSince }: Branch): Date {
  const now = clock.now();
  const least = policy.branchCheckSeconds;
  const age = (now.getTime() - headSince.getTime()) / 1000;
  return later(now, Math.max(least, Math.min(age / 2, mostSeconds)));
}

/** The next reconciliation of a branch: its next check, or the time of a schedule, if that is earlier. */
export function nextDue(
  check: Date | undefined,
  scheduleAt: Date | undefined,
): Pick<Branch, 'dueAt' | 'scheduleAt'> {
  const isFirst = scheduleAt !== undefined && (check === undefined || scheduleAt < check);
  return omitUndefined({ dueAt: isFirst ? scheduleAt : check, scheduleAt });
}
