import { realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { JobResult, TestCase, TestFailure, TestTotals } from '../../../app/core/model/job.ts';
import type { TextMask } from '../output/secret-masker.ts';
import { errorText } from '../runner-error.ts';
import { type FindJunitOptions, findJunitFiles } from './find-junit-files.ts';
import type { JunitCase } from './junit-case.ts';
import { readJunitFile } from './read-junit-file.ts';
import { locateFailure } from './source-location.ts';

export type Warning = JobResult['warnings'][number];

/** What the JUnit files say. */
export interface TestFindings {
  /** Absent where no JUnit file was found. */
  readonly totals?: TestTotals;
  readonly failures: readonly TestFailure[];
  readonly slowest: readonly TestCase[];
  readonly cases: readonly TestCase[];
  readonly warnings: readonly Warning[];
}

export interface CollectTestsOptions extends FindJunitOptions {
  readonly mask: TextMask;
}

const maxFailures = 100;
const maxSlowest = 20;
/** All are counted; so many are kept by name. */
const maxCases = 200_000;

/** Reads the suite's JUnit files. A file that cannot be read is a warning, and what it said before the fault counts. */
export async function collectTests(options: CollectTestsOptions): Promise<TestFindings> {
  const { checkout, globs, mask } = options;
  const paths = await findJunitFiles(options);
  const totals = { total: 0, passed: 0, failed: 0, skipped: 0, durationSeconds: 0 };
  const cases: TestCase[] = [];
  const failed: { readonly testCase: JunitCase; readonly junitPath: string }[] = [];
  const warnings: Warning[] = [];
  let filesOfTests = 0;

  for (const path of paths) {
    const onCase = (testCase: JunitCase) => {
      totals.total += 1;
      totals[testCase.outcome] += 1;
      totals.durationSeconds += testCase.durationSeconds;
      if (cases.length < maxCases) cases.push(namedOnly(testCase));
      if (testCase.outcome === 'failed' && failed.length < maxFailures)
        failed.push({ testCase, junitPath: path });
    };
    const end = await readJunitFile(join(checkout, path), { onCase, mask }).catch((error: unknown) => ({
      isJunit: true,
      problem: errorText(error),
    }));
    if (end.isJunit) filesOfTests += 1;
    const warning = warningOf(path, end, globs.length > 0);
    if (warning !== undefined) warnings.push(warning);
  }
  if (globs.length > 0 && paths.length === 0) {
    warnings.push({ code: 'junit_not_found', message: `No file matches ${globs.join(', ')}.` });
  }
  if (totals.total > maxCases) {
    const message = `There are ${totals.total} tests: the first ${maxCases} are listed, all are counted.`;
    warnings.push({ code: 'tests_cut', message });
  }
  totals.durationSeconds = rounded(totals.durationSeconds);
  return {
    ...(filesOfTests === 0 ? {} : { totals }),
    failures: await withLocations(failed, checkout),
    slowest: slowestOf(cases),
    cases,
    warnings,
  };
}

function warningOf(
  path: string,
  end: { readonly isJunit: boolean; readonly problem?: string },
  isNamed: boolean,
): Warning | undefined {
  if (end.problem !== undefined && (end.isJunit || isNamed)) {
    return {
      code: 'junit_malformed',
      message: `${path} is malformed at ${end.problem} What came before it has been read.`,
    };
  }
  if (end.isJunit || !isNamed) return undefined;
  return {
    code: 'junit_malformed',
    message: `${path} is no JUnit file: its root is not <testsuites> or <testsuite>.`,
  };
}

async function withLocations(
  failed: readonly { readonly testCase: JunitCase; readonly junitPath: string }[],
  checkout: string,
): Promise<TestFailure[]> {
  if (failed.length === 0) return [];
  const roots = [...new Set([checkout, await realpath(checkout)])];
  const known = new Map<string, Promise<boolean>>();
  const isFile = (path: string) => {
    const answer =
      known.get(path) ??
      stat(join(checkout, path)).then(
        (stats) => stats.isFile(),
        () => false,
      );
    known.set(path, answer);
    return answer;
  };
  return Promise.all(
    failed.map(async ({ testCase, junitPath }) => {
      const { name, group, message = '', details } = testCase;
      const place = await locateFailure(testCase, { roots, junitPath, isFile });
      return { name, group, message, ...place, ...(details === undefined ? {} : { details }) };
    }),
  );
}

function namedOnly({ name, group, outcome, durationSeconds }: JunitCase): TestCase {
  return { name, group, outcome, durationSeconds };
}

function slowestOf(cases: readonly TestCase[]): TestCase[] {
  const timed = cases.filter((testCase) => testCase.durationSeconds > 0);
  return timed.sort((one, other) => other.durationSeconds - one.durationSeconds).slice(0, maxSlowest);
}

/** Sums of decimal fractions have a tail of noise. */
function rounded(value: number): number {
  return Math.round(value * 1e6) / 1e6;
}
