import type { TestCase, TestTotals } from '../../../app/core/model/test-results.ts';
import { omitUndefined } from '../../../app/lib/omit-undefined.ts';
import { groupBy } from '../../../app/lib/split-list.ts';
import type { TestFindings } from '../results/collect-tests.ts';
import { fullName } from './name-patterns.ts';

/** The results of an earlier run of the same commit. */
export interface EarlierResults {
  readonly totals: TestTotals;
  /** Every test, or only the failed ones. */
  readonly cases: readonly TestCase[];
}

const maxSlowest = 20;
const maxNamed = 20;

/**
 * Merges the results of the failed tests that ran again into those of the earlier run. Results of the earlier run are
 * marked, and a test that passes now is flaky.
 *
 * @returns why it is not possible: each failed test must have a result.
 */
export function mergeEarlier(earlier: EarlierResults, now: TestFindings): TestFindings | string {
  const failed = earlier.cases.filter(({ outcome }) => outcome === 'failed');
  if (failed.length !== earlier.totals.failed) return 'the earlier run does not name each failed test';
  const ran = now.cases.filter(({ outcome }) => outcome !== 'skipped');
  const results = hasEach(failed, ran) ? ran : resultsBySum(failed, now);
  if (results === undefined) return missingText(failed, ran);

  const byKey = groupBy(results, keyOf);
  const passedOnRetry: TestCase[] = [];
  const cases: TestCase[] = [];
  for (const [key, before] of groupBy(earlier.cases, keyOf)) {
    const again = byKey.get(key) ?? [];
    byKey.delete(key);
    // Where tests share a name, one that passed before may have run too: only so many pass that failed.
    let flaky = failedOf(before) - failedOf(again);
    for (const result of again) {
      const isFlaky = result.outcome === 'passed' && flaky > 0;
      if (isFlaky) {
        flaky -= 1;
        passedOnRetry.push(result);
      }
      cases.push(isFlaky ? { ...result, flaky: true } : result);
    }
    // Of several tests with one name, those that passed did not run again.
    const rest = before.filter(({ outcome }) => again.length === 0 || outcome !== 'failed');
    const kept = Math.max(0, before.length - again.length);
    cases.push(...rest.slice(0, kept).map((each) => ({ ...each, earlier: true })));
  }
  cases.push(...[...byKey.values()].flat());
  return {
    ...now,
    totals: totalsOf(earlier, cases, {
      ran: results.length,
      flaky: passedOnRetry.length,
      failed: failed.length,
    }),
    cases,
    slowest: slowestOf(cases),
    passedOnRetry: passedOnRetry.slice(0, maxNamed).map((test) => fullName(test, ' › ').slice(0, 600)),
  };
}

function failedOf(cases: readonly TestCase[]): number {
  return cases.filter(({ outcome }) => outcome === 'failed').length;
}

/** Tools write the same name with different marks in a report and in the output. */
function keyOf({ group, name }: TestCase): string {
  return `${group} ${name}`.replace(/ [>›] /g, ' ').trim();
}

function hasEach(failed: readonly TestCase[], ran: readonly TestCase[]): boolean {
  const counts = groupBy(ran, keyOf);
  return [...groupBy(failed, keyOf)].every(([key, of]) => (counts.get(key)?.length ?? 0) >= of.length);
}

/**
 * The results of a tool that only names failed tests: exactly as many tests ran as had failed, and those that failed are
 * among them.
 */
function resultsBySum(failed: readonly TestCase[], { totals, cases }: TestFindings): TestCase[] | undefined {
  if (totals === undefined || cases.length >= totals.total) return undefined;
  const failedNow = cases.filter(({ outcome }) => outcome === 'failed');
  const keys = new Set(failed.map(keyOf));
  const isSame =
    totals.total - totals.skipped === failed.length &&
    totals.failed === failedNow.length &&
    failedNow.every((each) => keys.has(keyOf(each)));
  if (!isSame) return undefined;
  const failing = new Set(failedNow.map(keyOf));
  return failed.map((each) =>
    failing.has(keyOf(each)) ? each : { ...omitFile(each), outcome: 'passed' as const },
  );
}

function omitFile({ file: _, ...each }: TestCase): TestCase {
  return each;
}

function missingText(failed: readonly TestCase[], ran: readonly TestCase[]): string {
  const keys = new Set(ran.map(keyOf));
  const count = failed.filter((each) => !keys.has(keyOf(each))).length;
  return count === 1
    ? 'one failed test has no result'
    : `${count || failed.length} failed tests have no result`;
}

function totalsOf(
  { totals, cases: listed }: EarlierResults,
  cases: readonly TestCase[],
  { ran, flaky, failed: before }: { ran: number; flaky: number; failed: number },
): TestTotals {
  const of = (outcome: TestCase['outcome']) => cases.filter((each) => each.outcome === outcome).length;
  const failed = of('failed');
  const isWhole = listed.length === totals.total;
  const sums = isWhole
    ? { total: cases.length, passed: of('passed'), failed, skipped: of('skipped') }
    : { total: totals.total, passed: totals.passed + before - failed, failed, skipped: totals.skipped };
  const seconds = isWhole
    ? cases.reduce((sum, each) => sum + each.durationSeconds, 0)
    : totals.durationSeconds;
  const allFlaky = isWhole ? cases.filter((each) => each.flaky === true).length : (totals.flaky ?? 0) + flaky;
  return {
    ...sums,
    durationSeconds: Math.round(seconds * 1e6) / 1e6,
    ...omitUndefined({
      earlier: sums.total > ran ? sums.total - ran : undefined,
      flaky: allFlaky === 0 ? undefined : allFlaky,
    }),
  };
}

function slowestOf(cases: readonly TestCase[]): TestCase[] {
  return cases
    .filter(({ durationSeconds }) => durationSeconds > 0)
    .sort((one, other) => other.durationSeconds - one.durationSeconds)
    .slice(0, maxSlowest);
}
