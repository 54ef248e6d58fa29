import { later } from '../../lib/later.ts';
import type { Deps } from '../deps.ts';
import type { Branch } from '../model/branch.ts';

const mostSeconds = 600;

/**
 * When an open branch with unfinished runs or a stack is checked next if no event arrives: soon after it
 * changed, and ever more rarely while it does not, so that a long queue costs few calls.
 */
export function nextCheck({ clock, policy }: Pick<Deps, 'clock' | 'policy'>, { headSince }: Branch): Date {
  const now = clock.now();
  const least = policy.branchCheckSeconds;
  const age = (now.getTime() - headSince.getTime()) / 1000;
  return later(now, Math.max(least, Math.min(age / 2, mostSeconds)));
}
