import { compileGlobs, GlobError, type MatchBudget } from '../../lib/glob.ts';
import type { SuiteSettings } from './suite-schema.ts';

/** The facts that decide whether a suite applies: the branch of a commit, and its changes. */
export interface Change {
  /** The branch pushed to, or the base of the pull request. */
  readonly targetBranch: string;
  readonly isDraft: boolean;
  /** Undefined if the files are not known, such as for a first push: then every suite runs. */
  readonly changedFiles: readonly string[] | undefined;
}

/** Far more than real lists of patterns need for thousands of files, and a fraction of a second. */
const stepsPerSuite = 2_000_000;

/**
 * @returns why the suite does not run for this change; undefined if it does, or if its patterns take too long
 *   to match.
 */
export function whySkipped(suite: SuiteSettings, change: Change): string | undefined {
  try {
    return whyExcluded(suite, change, { steps: stepsPerSuite });
  } catch (error) {
    if (error instanceof GlobError) return undefined;
    throw error;
  }
}

function whyExcluded(suite: SuiteSettings, change: Change, budget: MatchBudget): string | undefined {
  if (change.isDraft && suite.drafts === false) {
    return 'The pull request is a draft. The suite runs when it is ready for review.';
  }
  if (suite.branches !== undefined && !compileGlobs(suite.branches)(change.targetBranch, budget)) {
    return `The suite does not run for the branch ${change.targetBranch} (\`branches\` in .github/berth.yml).`;
  }
  const files = change.changedFiles;
  if (files === undefined || files.length === 0) return undefined;
  const ignored = suite['paths-ignore'];
  const isIgnored = ignored === undefined ? () => false : compileGlobs(ignored);
  const counting = files.filter((file) => !isIgnored(file, budget));
  if (counting.length === 0) {
    return 'Every changed file is one that the suite ignores (`paths-ignore` in .github/berth.yml).';
  }
  const { paths } = suite;
  const isWanted = paths === undefined ? () => true : compileGlobs(paths);
  if (!counting.some((file) => isWanted(file, budget))) {
    return 'No changed file is one that the suite runs for (`paths` in .github/berth.yml).';
  }
  return undefined;
}
