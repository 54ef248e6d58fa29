/** The group of failures that are errors of a compiler, and not tests. */
export const buildGroup = 'build';

/** Whether the build failed, so that there was nothing to test. */
export function isBuildFailure(failures: readonly { readonly group: string }[]): boolean {
  return failures.length > 0 && failures.every(({ group }) => group === buildGroup);
}
