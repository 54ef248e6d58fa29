import { later } from '../../lib/later.ts';
import { omitUndefined } from '../../lib/omit-undefined.ts';
import type { Deps } from '../deps.ts';
import type { Branch } from '../model/branch.ts';

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

/** The next look at a branch: its next check, or the time of a schedule, if that is earlier. */
export function nextDue(
  check: Date | undefined,
  scheduleAt: Date | undefined,
): Pick<Branch, 'dueAt' | 'scheduleAt'> {
  const isFirst = scheduleAt !== undefined && (check === undefined || scheduleAt < check);
  return omitUndefined({ dueAt: isFirst ? scheduleAt : check, scheduleAt });
}
