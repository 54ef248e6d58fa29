import { join } from 'node:path';
import { buildGroup } from '../../../app/core/model/build-failure.ts';
import type { JobResult } from '../../../app/core/model/job.ts';
import { mostSelectedTests } from '../../../app/core/model/rerun.ts';
import type { TestCase, TestFailure, TestTotals } from '../../../app/core/model/test-results.ts';
import { omitUndefined } from '../../../app/lib/omit-undefined.ts';
import type { TextMask } from '../output/secret-masker.ts';
import { errorText } from '../runner-error.ts';
import { type FindResultsOptions, findResultFiles } from './find-result-files.ts';
import type { LineFindings, TestCounts } from './lines/line-reader.ts';
import { type Located, locateFailures } from './locate-failures.ts';
import { mergeAttempts } from './merge-attempts.ts';
import { readResultFile } from './read-result-file.ts';
import { finishCase, noMessage, type ResultCase } from './result-case.ts';
import type { ResultFileEnd } from './xml/xml-reader.ts';

type Warning = JobResult['warnings'][number];

/** Test results from files, or from the output if there are no files. */
export interface TestFindings {
  /** If omitted, no results were found. */
  readonly totals?: TestTotals;
  readonly failures: readonly TestFailure[];
  readonly slowest: readonly TestCase[];
  readonly cases: readonly TestCase[];
  readonly warnings: readonly Warning[];
  /** Tests that failed in the earlier run of the commit, and passed in this one. */
  readonly passedOnRetry?: readonly string[];
}

export interface CollectTestsOptions extends FindResultsOptions {
  readonly mask: TextMask;
  /** The files of the checkout. */
  readonly paths: readonly string[];
  /** The command ended with exit code 0. */
  readonly commandPassed: boolean;
  /** Results that were read from the output. They count if there are no result files. If omitted, the tests did not run. */
  readonly output?: readonly LineFindings[];
}

const maxFailures = 100;
const maxSlowest = 20;
/** All tests are counted, and this many are kept by name. */
const maxCases = 200_000;

/** Everything that was read, before it is counted. */
interface Collected {
  readonly cases: Located[];
  readonly counts: { total: number; passed: number; failed: number; skipped: number; flaky: number };
  readonly warnings: Warning[];
  durationSeconds: number;
  sources: number;
}

/** Reads the suite's results. A file that cannot be read is a warning, and the part before the error counts. */
export async function collectTests(options: CollectTestsOptions): Promise<TestFindings> {
  const { files, stale } = await findResultFiles(options);
  const collected: Collected = {
    cases: [],
    counts: { total: 0, passed: 0, failed: 0, skipped: 0, flaky: 0 },
    warnings: [],
    durationSeconds: 0,
    sources: 0,
  };
  await readFiles(files, options, collected);
  addOutput(options, collected);
  const { warnings, counts, cases } = collected;
  warnings.push(...warningsOfMissing(options, files, stale));
  if (counts.total > maxCases) {
    const message = `There are ${counts.total} tests: the first ${maxCases} are listed, all are counted.`;
    warnings.push({ code: 'tests_cut', message });
  }
  const failed = cases.filter(({ testCase }) => testCase.outcome === 'failed').slice(0, mostSelectedTests);
  const failures = await locateFailures(
    failed.map((each) => withPrintedMessage(each, options)),
    options,
  );
  const fileOf = new Map(failed.map((each, place) => [each, failures[place]?.file]));
  const named = cases
    .map((each) => namedOnly(each.testCase, fileOf.get(each)))
    .filter(({ group }) => group !== buildGroup || collected.sources > 0);
  const { flaky, ...totals } = counts;
  return {
    ...(collected.sources === 0
      ? {}
      : {
          totals: {
            ...totals,
            durationSeconds: rounded(collected.durationSeconds),
            ...(flaky === 0 ? {} : { flaky }),
          },
        }),
    failures: failures.slice(0, maxFailures),
    slowest: slowestOf(named),
    cases: named,
    warnings,
  };
}

function warningsOfMissing(
  { globs, paths, output }: CollectTestsOptions,
  files: readonly string[],
  stale: readonly string[],
): Warning[] {
  if (output === undefined) return [];
  if (stale.length > 0) {
    const more = stale.length > 3 ? ` and ${stale.length - 3} more` : '';
    const end = files[0] === stale[0] ? '' : ' They do not count.';
    const message = `The commands did not write ${stale.slice(0, 3).join(', ')}${more}: the results come from the repository or a cache.${end}`;
    return [{ code: 'junit_stale', message }];
  }
  if (globs.length === 0 || files.length > 0) return [];
  const near = paths.find((path) => globs.some((glob) => path.endsWith(`/${glob.replace(/^\.\//, '')}`)));
  const hint = near === undefined ? '' : ` Globs are relative to the root of the repository: ${near} exists.`;
  return [{ code: 'junit_not_found', message: `No file matches ${globs.join(', ')}.${hint}` }];
}

async function readFiles(
  files: readonly string[],
  { checkout, globs, mask, commandPassed }: CollectTestsOptions,
  collected: Collected,
): Promise<void> {
  const isNamed = globs.length > 0;
  const seen = new Set<string>();
  for (const path of files) {
    const found: ResultCase[] = [];
    let unlisted = 0;
    const onCase = (testCase: ResultCase) => {
      if (found.length < maxCases) found.push(testCase);
      else {
        unlisted += 1;
        collected.counts[testCase.outcome] += 1;
      }
    };
    const end: ResultFileEnd = await readResultFile(join(checkout, path), { onCase, mask }).catch(
      (error: unknown) => ({
        isResults: true,
        problem: errorText(error),
      }),
    );
    // Some tools also write a file with the results of all others. Its results are not counted again.
    if (!isNamed && found.length > 0 && found.every((each) => seen.has(signatureOf(each)))) continue;
    for (const each of found) seen.add(signatureOf(each));
    const cases = mergeAttempts(found, commandPassed);
    if (end.isResults) collected.sources += 1;
    collected.counts.total += unlisted;
    add(collected, cases, end.counts, path);
    const warning = warningOf(path, end, isNamed);
    if (warning !== undefined) collected.warnings.push(warning);
  }
}

/** Tools that usually write no result files. Their output counts in addition to the files of other tools. */
const toolsWithoutFiles = new Set(['go test', 'cargo test', 'cargo nextest']);

function addOutput({ output = [], mask, commandPassed }: CollectTestsOptions, collected: Collected): void {
  const inFiles = new Set(collected.cases.map(({ testCase }) => testCase.name));
  const hasFiles = collected.sources > 0;
  for (const { tool, drafts, counts, isPartial } of output.filter(isOfTests)) {
    const isNew = toolsWithoutFiles.has(tool) && !drafts.some(({ name }) => inFiles.has(name));
    if (hasFiles && (!isNew || counts !== undefined)) continue;
    const cases = mergeAttempts(
      drafts.map((draft) => finishCase(draft, mask)),
      commandPassed,
    );
    if (isPartial === true) {
      collected.cases.push(...cases.map((testCase) => ({ testCase })));
      continue;
    }
    collected.sources += 1;
    add(collected, cases, counts);
  }
  const hasTests = collected.counts.total > 0 || collected.cases.length > 0;
  if (hasTests || commandPassed) return;
  for (const { drafts } of output.filter((each) => !isOfTests(each))) {
    collected.cases.push(...drafts.map((draft) => ({ testCase: finishCase(draft, mask) })));
  }
}

/** CTest writes "Timeout" and "SegFault" to its output, and not to its file. */
function withPrintedMessage(located: Located, { output = [], mask }: CollectTestsOptions): Located {
  const { testCase } = located;
  if (testCase.message !== noMessage) return located;
  const printed = output
    .flatMap(({ drafts }) => drafts)
    .find(({ name, outcome }) => outcome === 'failed' && name === testCase.name);
  if (printed === undefined) return located;
  const { message } = finishCase(printed, mask);
  return { ...located, testCase: { ...testCase, ...omitUndefined({ message }) } };
}

/** The errors of a compiler are not test results. They count only if no test ran. */
function isOfTests({ tool }: LineFindings): boolean {
  return tool !== buildGroup;
}

/** @param stated what the tool says of the sums, where not every test is listed */
function add(
  collected: Collected,
  cases: readonly ResultCase[],
  stated: TestCounts | undefined,
  resultPath?: string,
): void {
  const { counts } = collected;
  for (const testCase of cases) {
    collected.durationSeconds += testCase.durationSeconds;
    if (testCase.flaky === true) counts.flaky += 1;
    if (collected.cases.length < maxCases)
      collected.cases.push(omitUndefined({ testCase, resultPath }) as Located);
  }
  const of = (outcome: TestCase['outcome']) => cases.filter((each) => each.outcome === outcome).length;
  const sums = stated ?? { total: cases.length, failed: of('failed'), skipped: of('skipped') };
  counts.total += sums.total;
  counts.failed += sums.failed;
  counts.skipped += sums.skipped;
  counts.passed += Math.max(0, sums.total - sums.failed - sums.skipped);
}

function warningOf(path: string, end: ResultFileEnd, isNamed: boolean): Warning | undefined {
  const { unlistedFailures = 0 } = end;
  if (unlistedFailures > 0) {
    const failed = unlistedFailures === 1 ? '1 failed test' : `${unlistedFailures} failed tests`;
    return { code: 'junit_incomplete', message: `${path} states ${failed}, and lists none.` };
  }
  if (end.problem !== undefined && (end.isResults || isNamed)) {
    return {
      code: 'junit_malformed',
      message: `${path} is malformed at ${end.problem} The part before it is counted.`,
    };
  }
  if (end.isResults || !isNamed) return undefined;
  return {
    code: 'junit_malformed',
    message: `${path} has no test results that Berth can read. It reads JUnit, TRX, xUnit.net and NUnit XML, TAP, CTRF, and the JSON of go, cargo, jest, vitest, mocha and rspec.`,
  };
}

/** @param file where a failed test is: a later run selects it by its file. */
function namedOnly(
  { name, group, outcome, durationSeconds, flaky }: ResultCase,
  file: string | undefined,
): TestCase {
  return { name, group, outcome, durationSeconds, ...omitUndefined({ flaky, file }) };
}

function signatureOf({ name, group, outcome, durationSeconds }: ResultCase): string {
  return `${group}\n${name}\n${outcome}\n${durationSeconds}`;
}

function slowestOf(cases: readonly TestCase[]): TestCase[] {
  const timed = cases.filter((testCase) => testCase.durationSeconds > 0);
  return timed.sort((one, other) => other.durationSeconds - one.durationSeconds).slice(0, maxSlowest);
}

/** Sums of decimal fractions have a tail of noise. */
function rounded(value: number): number {
  return Math.round(value * 1e6) / 1e6;
}
