import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { TestCase } from '../../../../app/core/model/test-results.ts';
import {
  emptyHistory,
  foldTests,
  historyBounds,
  type TestedRun,
} from '../../../../app/core/results/test-history.ts';
import { inTestOrder, testStats } from '../../../../app/core/results/test-stats.ts';
import { cases } from '../../../helpers/cases.ts';

const run = (number: number, change: Partial<TestedRun> = {}): TestedRun => ({
  id: `run-${number}`,
  suite: 'unit',
  branch: 'main',
  sha: `sha-${number}`,
  at: new Date(Date.UTC(2026, 0, 1, 0, number)).toISOString(),
  ...change,
});
const test = (name: string, outcome: TestCase['outcome'] = 'passed', durationSeconds = 1): TestCase => ({
  group: 'harbour',
  name,
  outcome,
  durationSeconds,
});
/** The history without the numbers of runs. */
const told = (history: Parameters<typeof testStats>[0]) =>
  testStats(history)
    .map(({ points, ...stats }) => ({
      ...stats,
      points: points.map(({ run: { number: _, ...of }, outcome, seconds }) => ({ ...of, outcome, seconds })),
    }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));

describe('the history of tests', () => {
  it('shows how often each test ran and failed, and its duration', () => {
    const history = foldTests(
      emptyHistory,
      [1, 2, 3, 4].map((number) => ({
        run: run(number),
        cases: [test('berths', number === 2 ? 'failed' : 'passed', number), test('casts off', 'skipped', 0)],
      })),
    );
    expect(told(history)).toMatchObject([
      { name: 'berths', ran: 4, failed: 1, medianSeconds: 3, p95Seconds: 4 },
      { name: 'casts off', ran: 0, failed: 0, medianSeconds: 0 },
    ]);
  });

  it('marks a test as flaky for each commit on which it passed and failed, and for no other', () => {
    const sha = (number: number, commit: string) => run(number, { sha: commit });
    const outcomes = ['failed', 'passed', 'passed', 'failed', 'failed'] as const;
    const commits = ['a', 'a', 'b', 'c', 'c'];
    const history = foldTests(
      emptyHistory,
      outcomes.map((outcome, index) => ({
        run: sha(index, commits[index] ?? ''),
        cases: [test('tide', outcome)],
      })),
    );
    expect(told(history)).toMatchObject([{ flakyCommits: 1, failed: 3 }]);
  });

  it('marks a test as flaky that failed and then passed within one run', () => {
    const history = foldTests(emptyHistory, [{ run: run(1), cases: [{ ...test('tide'), flaky: true }] }]);
    expect(testStats(history)).toMatchObject([{ flakyCommits: 1, failed: 0, ran: 1 }]);
  });

  it('does not mix suites', () => {
    const history = foldTests(emptyHistory, [
      { run: run(1, { suite: 'unit', sha: 'a' }), cases: [test('x', 'passed')] },
      { run: run(2, { suite: 'browser', sha: 'a' }), cases: [test('x', 'failed')] },
    ]);
    expect(testStats(history).map(({ flakyCommits }) => flakyCommits)).toEqual([0, 0]);
  });

  it('is the same for any order and repetition of runs', () => {
    const runs = [1, 2, 3, 4, 5, 6].map((number) => ({
      run: run(number),
      cases: [test('a', number % 2 === 0 ? 'failed' : 'passed'), test(`b${number % 3}`)],
    }));
    const expected = told(foldTests(emptyHistory, runs));
    const order = fc.array(fc.nat({ max: runs.length - 1 }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(order, (indexes) => {
        const all = [...indexes, ...runs.keys()].flatMap((index) => runs[index] ?? []);
        const history = all.reduce((before, one) => foldTests(before, [one]), emptyHistory);
        expect(told(history)).toEqual(expected);
      }),
      { numRuns: cases(8) },
    );
  });

  it('drops the oldest runs, and tests that appear in no other run', () => {
    const more = historyBounds.runs + 5;
    const history = Array.from({ length: more }, (_, number) => number).reduce(
      (before, number) =>
        foldTests(before, [{ run: run(number), cases: [test(number < 5 ? 'old' : 'new')] }]),
      emptyHistory,
    );
    expect(history.runs).toHaveLength(historyBounds.runs);
    expect(history.runs[0]?.id).toBe('run-5');
    expect(testStats(history).map(({ name, ran }) => [name, ran])).toEqual([
      ['new', historyBounds.mostOfTest],
    ]);
  });

  it('of 10,000 tests over 32 runs is small enough for a request', () => {
    const cases = Array.from({ length: 10_000 }, (_, index) =>
      test(`a test with a name as long as names are, number ${index}`, 'passed', index / 1000),
    );
    let history = emptyHistory;
    for (let number = 0; number < 32; number += 16) {
      const more = Array.from({ length: 16 }, (_, index) => ({ run: run(number + index), cases }));
      history = foldTests(history, more);
    }
    expect(history.tests).toHaveLength(10_000);
    expect(testStats(history)[0]?.ran).toBe(historyBounds.outcomes / 10_000);
    expect(Buffer.byteLength(JSON.stringify(history))).toBeLessThan(6_000_000);
  });

  it('truncates names that are too long', () => {
    const history = foldTests(emptyHistory, [{ run: run(1), cases: [test('x'.repeat(100_000))] }]);
    expect(history.tests[0]?.name).toHaveLength(historyBounds.name);
  });

  it('puts the worst tests first', () => {
    const history = foldTests(emptyHistory, [
      {
        run: run(1, { sha: 'a' }),
        cases: [test('slow', 'passed', 9), test('flaky'), test('broken', 'failed')],
      },
      { run: run(2, { sha: 'a' }), cases: [test('flaky', 'failed'), test('broken', 'failed')] },
    ]);
    const first = (order: Parameters<typeof inTestOrder>[1]) =>
      inTestOrder(testStats(history), order)[0]?.name;
    expect([first('flaky'), first('slow'), first('failing')]).toEqual(['flaky', 'slow', 'broken']);
  });
});
