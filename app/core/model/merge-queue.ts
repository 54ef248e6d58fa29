const prefix = 'gh-readonly-queue/';

/**
 * Whether GitHub's merge queue created the branch for one attempt to merge a group:
 * `gh-readonly-queue/<base branch>/pr-<number>-<commit>`.
 */
export function isQueueBranch(branch: string): boolean {
  return branch.startsWith(prefix);
}

/** The branch that a merge group goes to: it decides which suites run. */
export function queueTarget(branch: string): string {
  const [, target] = /^gh-readonly-queue\/(.+)\/[^/]+$/.exec(branch) ?? [];
  return target ?? branch.slice(prefix.length);
}
