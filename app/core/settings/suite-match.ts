import picomatch from 'picomatch';
import type { SuiteSettings } from './settings-schema.ts';

/** What a suite is measured against: where a commit is, and what it changes. */
export interface Change {
  /** The branch pushed to, or the base of the pull request. */
  readonly targetBranch: string;
  readonly isDraft: boolean;
  /** Undefined where nobody can tell, as with a first push: then every suite runs. */
  readonly changedFiles: readonly string[] | undefined;
}

/** @returns why the suite does not run for this change; undefined where it does. */
export function whySkipped(suite: SuiteSettings, change: Change): string | undefined {
  if (change.isDraft && suite.drafts === false) {
    return 'The pull request is a draft. The suite runs when it is ready for review.';
  }
  if (suite.branches !== undefined && !matchesInOrder(suite.branches, change.targetBranch)) {
    return `The suite does not run for the branch ${change.targetBranch} (\`branches\` in .github/berth.yml).`;
  }
  const files = change.changedFiles;
  if (files === undefined || files.length === 0) return undefined;
  const ignored = suite['paths-ignore'];
  const counting = ignored === undefined ? files : files.filter((file) => !matchesInOrder(ignored, file));
  if (counting.length === 0) {
    return 'Every changed file is one that the suite ignores (`paths-ignore` in .github/berth.yml).';
  }
  const { paths } = suite;
  if (paths !== undefined && !counting.some((file) => matchesInOrder(paths, file))) {
    return 'No changed file is one that the suite runs for (`paths` in .github/berth.yml).';
  }
  return undefined;
}

/**
 * Whether a name matches a list of globs as GitHub Actions reads them: `*` stays within a directory, `**` does not,
 * and a later `!pattern` takes out what earlier ones let in.
 */
export function matchesInOrder(patterns: readonly string[], name: string): boolean {
  // A list that only takes out begins with everything.
  let matches = patterns.every((pattern) => pattern.startsWith('!'));
  for (const pattern of patterns) {
    const takesOut = pattern.startsWith('!');
    // Extended globs are off: they add nothing here, and can be made to take exponential time.
    const isMatch = picomatch(takesOut ? pattern.slice(1) : pattern, {
      dot: true,
      noextglob: true,
      nonegate: true,
    });
    if (isMatch(name)) matches = !takesOut;
  }
  return matches;
}
