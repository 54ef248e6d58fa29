import { describe, expect, it } from '@jest/globals';
import type { TestCase, TestTotals } from '../../../../app/core/model/test-results.ts';
import { mergeEarlier } from '../../../../runner-image/src/rerun/merge-earlier.ts';

const one = (
  name: string,
  outcome: TestCase['outcome'] = 'passed',
  more: Partial<TestCase> = {},
): TestCase => ({
  name,
  group: 'sums',
  outcome,
  durationSeconds: 1,
  ...more,
});

function totalsOf(cases: readonly TestCase[], total = cases.length): TestTotals {
  const of = (outcome: TestCase['outcome']) => cases.filter((each) => each.outcome === outcome).length;
  const [failed, skipped] = [of('failed'), of('skipped')];
  return { total, passed: total - failed - skipped, failed, skipped, durationSeconds: total };
}

function merged(before: readonly TestCase[], now: readonly TestCase[], total?: number, nowTotal?: number) {
  const found = { failures: [], slowest: [], warnings: [], cases: now, totals: totalsOf(now, nowTotal) };
  return mergeEarlier({ cases: before, totals: totalsOf(before, total) }, found);
}

const before = [one('a'), one('b', 'failed'), one('c', 'failed'), one('d', 'skipped')];

describe('the results of a retest', () => {
  it('replace those of the failed tests, and the others are marked', () => {
    expect(merged(before, [one('b'), one('c', 'failed')])).toMatchObject({
      totals: { total: 4, passed: 2, failed: 1, skipped: 1, flaky: 1, earlier: 2 },
      cases: [
        { name: 'a', earlier: true },
        { name: 'b', outcome: 'passed', flaky: true },
        { name: 'c', outcome: 'failed' },
        { name: 'd', outcome: 'skipped', earlier: true },
      ],
      passedOnRetry: ['sums › b'],
    });
  });

  it('do not count what the tool skipped because it was not selected', () => {
    const now = [one('a', 'skipped'), one('b'), one('c'), one('d', 'skipped'), one('new', 'skipped')];
    expect(merged(before, now)).toMatchObject({ totals: { total: 4, passed: 3, skipped: 1, earlier: 2 } });
  });

  it('count other tests that ran too', () => {
    const now = [one('a', 'failed'), one('b'), one('c')];
    expect(merged(before, now)).toMatchObject({
      totals: { total: 4, passed: 2, failed: 1, earlier: 1 },
      passedOnRetry: ['sums › b', 'sums › c'],
    });
  });

  it('keep the other tests that have the same name', () => {
    const same = [one('a'), one('a', 'failed'), one('a')];
    expect(merged(same, [one('a')])).toMatchObject({
      totals: { total: 3, passed: 3, failed: 0, flaky: 1, earlier: 2 },
    });
  });

  it('do not mention an earlier run if every test ran again', () => {
    const both = [one('a', 'failed'), one('b', 'failed')];
    expect(merged(both, both)).not.toHaveProperty('totals.earlier');
  });

  it('are flaky only if fewer tests with the name fail than before', () => {
    const same = [one('a', 'failed'), one('a')];
    expect(merged(same, [one('a', 'failed'), one('a')])).toMatchObject({
      totals: { total: 2, passed: 1, failed: 1 },
      passedOnRetry: [],
    });
    expect(merged(same, [one('a'), one('a')])).toMatchObject({
      totals: { total: 2, passed: 2, failed: 0, flaky: 1 },
      passedOnRetry: ['sums › a'],
    });
  });

  it('count for tools that list only what failed, by their sums', () => {
    const listed = [one('b', 'failed'), one('c', 'failed')];
    expect(merged(listed, [one('c', 'failed')], 5_000, 2)).toMatchObject({
      totals: { total: 5_000, passed: 4_999, failed: 1, flaky: 1, earlier: 4_998 },
      passedOnRetry: ['sums › b'],
    });
    // Another test ran, or another one failed.
    expect(merged(listed, [], 5_000, 3)).toMatch('no result');
    expect(merged(listed, [one('x', 'failed')], 5_000, 2)).toMatch('no result');
  });

  it('are of the same tests, whatever marks a report writes between names', () => {
    const now = [one('b'), { ...one('c'), name: 'sums > c', group: '' }];
    expect(merged(before, now)).toMatchObject({ totals: { total: 4, failed: 0 } });
  });

  it.each([
    ['a failed test has no result', [one('b')]],
    ['a failed test was skipped', [one('b'), one('c', 'skipped')]],
    ['nothing ran', []],
  ])('do not count if %s', (_why, now) => {
    expect(merged(before, now)).toMatch('no result');
  });

  it('do not count if the earlier run does not name what failed', () => {
    expect(
      mergeEarlier(
        { cases: [], totals: { ...totalsOf(before) } },
        { failures: [], slowest: [], warnings: [], cases: [] },
      ),
    ).toMatch('does not name');
  });
});
