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
  /** In the usual places only files that were written since then count: a repository may contain old ones. */
  readonly writtenSinceMs: number;
}

/**
 * @param globs the suite's own
 */
export function resultGlobs(globs: readonly string[]): readonly string[] {
  return globs.length === 0 ? usualPlaces : globs;
}

/**
 * @returns the candidates that are to be read, each file once
 */
export async function findResultFiles(options: FindResultsOptions): Promise<string[]> {
  const { checkout, globs, candidates, writtenSinceMs } = options;
  const isGuess = globs.length === 0;
  const root = await realpath(checkout);
  const seen = new Set<string>();
  const kept: string[] = [];
  for (const path of candidates) {
    const absolute = join(checkout, path);
    const [real, stats] = await Promise.all([realpath(absolute), stat(absolute)]).catch(() => []);
    if (real === undefined || stats === undefined || !stats.isFile() || seen.has(real)) continue;
    const isInside = real.startsWith(`${root}/`) || bazelResults.test(path);
    if (!isInside || (isGuess && stats.mtimeMs < writtenSinceMs)) continue;
    seen.add(real);
    kept.push(path);
  }
  return kept;
}
