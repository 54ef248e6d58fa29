/**
 * A branch that GitHub's merge queue makes for one try at merging a group. It is pushed like any other, and the event
 * `merge_group` tells what it is for: the branch that it goes to decides which suites run.
 */
export function isQueueBranch(branch: string): boolean {
  return branch.startsWith('gh-readonly-queue/');
}
