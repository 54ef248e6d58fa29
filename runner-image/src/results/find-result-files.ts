import { realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** Where the usual tools write, for a suite that does not say. */
const usualPlaces = [
  '**/{junit,TEST-,TESTS-,test-results,test_results,testresults,TestResult,test-report,testlog,xunit,nunit,pytest,nosetests}*.xml',
  '**/report.xml',
  '**/{test-results,TestResults,test-reports,surefire-reports,failsafe-reports,junit,junitreports}/**/*.xml',
  '**/*.trx',
  '**/{ctrf,ctrf-report}.json',
  '**/ctrf/*.json',
  '**/berth-{junit,jest,mocha,rspec}.{xml,json}',
  'bazel-testlogs/**/test.xml',
];
/** Bazel stores its results outside the checkout, and creates a link to them. */
const bazelResults = /^bazel-testlogs\/.*\/test\.xml$/;

export interface FindResultsOptions {
  readonly checkout: string;
  /** The globs of the suite. If there are none, the usual places are used. */
  readonly globs: readonly string[];
  /** The files that {@link resultGlobs} match, relative to the checkout. */
  readonly candidates: readonly string[];
  /** Only files that were written since then count: a repository or a cache may contain old ones. */
  readonly writtenSinceMs: number;
}

/** @param globs the suite's own */
export function resultGlobs(globs: readonly string[]): readonly string[] {
  return globs.length === 0 ? usualPlaces : globs;
}

interface ResultFiles {
  /** The candidates that are to be read, each file once. */
  readonly files: readonly string[];
  /** Files that the suite names, and that the commands did not write. They count only if there are no others. */
  readonly stale: readonly string[];
}

export async function findResultFiles(options: FindResultsOptions): Promise<ResultFiles> {
  const { checkout, globs, candidates, writtenSinceMs } = options;
  const isGuess = globs.length === 0;
  const root = await realpath(checkout);
  const seen = new Set<string>();
  const files: string[] = [];
  const stale: string[] = [];
  for (const path of candidates) {
    const absolute = join(checkout, path);
    const [real, stats] = await Promise.all([realpath(absolute), stat(absolute)]).catch(() => []);
    if (real === undefined || stats === undefined || !stats.isFile() || seen.has(real)) continue;
    const isInside = real.startsWith(`${root}/`) || bazelResults.test(path);
    if (!isInside || (isGuess && stats.mtimeMs < writtenSinceMs)) continue;
    seen.add(real);
    // A copy may keep the older time of its source; the time of its status is that of the copy.
    if (Math.max(stats.mtimeMs, stats.ctimeMs) < writtenSinceMs) stale.push(path);
    else files.push(path);
  }
  // Old files that are the only ones may be meant: they count, with a warning.
  return { files: files.length === 0 ? stale : files, stale };
}
