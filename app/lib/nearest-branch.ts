import type { z } from 'zod';

type Issues = readonly z.core.$ZodIssue[];

/**
 * Finds, of the kinds that a union allows, the one that a value was meant to be.
 *
 * @returns what is wrong with it as such, or undefined if the value has no such kind.
 */
export function nearestBranch(branches: readonly Issues[]): Issues | undefined {
  const isOfOtherKind = (issues: Issues): boolean =>
    issues.some(
      (issue) => issue.path.length === 0 && (issue.code === 'invalid_type' || issue.code === 'invalid_value'),
    );
  return branches.find((issues) => issues.length > 0 && !isOfOtherKind(issues));
}
