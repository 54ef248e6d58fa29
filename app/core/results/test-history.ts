import { z } from 'zod';
import type { TestCase } from '../model/test-results.ts';
import { byName } from './test-comparison.ts';

/**
 * The outcomes of a project's tests over its last runs: a document that is computed from the runs' lists of tests, and can
 * be computed again. Its size is bounded: the newest runs, tests and outcomes stay.
 */
export const testHistorySchema = z.object({
  version: z.literal(1),
  /** The number of the next run in `r`. */
  next: z.number().int(),
  runs: z.array(
    z.object({
      number: z.number().int(),
      id: z.string(),
      suite: z.string(),
      branch: z.string(),
      sha: z.string().optional(),
      /** When the run was created, in ISO 8601. */
      at: z.string(),
    }),
  ),
  tests: z.array(
    z.object({
      suite: z.string(),
      group: z.string(),
      name: z.string(),
      /** Each outcome, the oldest first: the run's number, `p`, `f`, `s` or `y` (passed after a failure), and milliseconds. */
      r: z.array(z.number()),
      o: z.string(),
      d: z.array(z.number()),
    }),
  ),
});
export type TestHistory = z.infer<typeof testHistorySchema>;
export type TrackedTest = TestHistory['tests'][number];
export type TrackedRun = TestHistory['runs'][number];

export const historyBounds = {
  runs: 200,
  tests: 20_000,
  /** Outcomes of all tests together. Each test keeps a number between the two below. */
  outcomes: 300_000,
  fewestOfTest: 10,
  mostOfTest: 50,
  /** Characters of a name, which comes from the output of tests. */
  name: 500,
};

export const emptyHistory: TestHistory = { version: 1, next: 1, runs: [], tests: [] };

/** A run whose tests are recorded. */
export type TestedRun = Omit<TrackedRun, 'number'>;

const letterOf = { passed: 'p', failed: 'f', skipped: 's' } as const;
export const outcomeOf: Readonly<Record<string, TestCase['outcome']>> = {
  p: 'passed',
  f: 'failed',
  s: 'skipped',
  y: 'passed',
};
/** The letter of a test that passed after it had failed, in one run. */
export const flakyLetter = 'y';

/** Adds the tests of runs. Skips runs that are already included, or older than everything in a full history. */
export function foldTests(
  history: TestHistory,
  tested: readonly { readonly run: TestedRun; readonly cases: readonly TestCase[] }[],
): TestHistory {
  const known = new Set(history.runs.map(({ id }) => id));
  const added = tested
    .filter(({ run }) => !known.has(run.id))
    .map(({ run, cases }, index) => ({ run: { ...run, number: history.next + index }, cases }));
  const runs = [...history.runs, ...added.map(({ run }) => run)]
    .sort((a, b) => (a.at < b.at ? -1 : 1))
    .slice(-historyBounds.runs);
  const timeOf = new Map(runs.map(({ number, at }) => [number, at]));

  // Copied once, because every run adds to them.
  const tests = new Map(
    history.tests.map(({ r, d, ...test }) => [trackOf(test), { ...test, r: [...r], d: [...d] }]),
  );
  for (const { run, cases } of added) {
    for (const { group, name, outcome, durationSeconds, flaky } of byName(cases.map(shortened)).values()) {
      const track = trackOf({ suite: run.suite, group, name });
      const test = tests.get(track) ?? { suite: run.suite, group, name, r: [], o: '', d: [] };
      test.r.push(run.number);
      test.o += flaky === true && outcome === 'passed' ? flakyLetter : letterOf[outcome];
      test.d.push(Math.round(durationSeconds * 1000));
      tests.set(track, test);
    }
  }
  const kept = [...tests.values()]
    .map((test) => inOrder(test, timeOf))
    .filter(({ r }) => r.length > 0)
    // The most recent ones, if there are too many.
    .sort((a, b) => (lastSeen(a, timeOf) < lastSeen(b, timeOf) ? 1 : -1))
    .slice(0, historyBounds.tests);
  const share = Math.floor(historyBounds.outcomes / Math.max(1, kept.length));
  const most = Math.min(historyBounds.mostOfTest, Math.max(historyBounds.fewestOfTest, share));
  return {
    version: 1,
    next: history.next + added.length,
    runs,
    tests: kept.map((test) => ({
      ...test,
      r: test.r.slice(-most),
      o: test.o.slice(-most),
      d: test.d.slice(-most),
    })),
  };
}

/** Returns the outcomes in the order of their runs, without those of runs that are no longer included. */
function inOrder(test: TrackedTest, timeOf: ReadonlyMap<number, string>): TrackedTest {
  const { r } = test;
  const isOrdered = r.every((number, index) => {
    const at = timeOf.get(number);
    return at !== undefined && (index === 0 || at >= (timeOf.get(r[index - 1] ?? 0) ?? ''));
  });
  if (isOrdered) return test;
  const order = r
    .map((number, index) => ({ index, at: timeOf.get(number) }))
    .filter(({ at }) => at !== undefined)
    .sort((a, b) => ((a.at ?? '') < (b.at ?? '') ? -1 : 1))
    .map(({ index }) => index);
  return {
    ...test,
    r: order.map((index) => r[index] ?? 0),
    o: order.map((index) => test.o[index] ?? 's').join(''),
    d: order.map((index) => test.d[index] ?? 0),
  };
}

function lastSeen({ r }: TrackedTest, timeOf: ReadonlyMap<number, string>): string {
  return timeOf.get(r.at(-1) ?? 0) ?? '';
}

function shortened(test: TestCase): TestCase {
  const { group, name } = test;
  const most = historyBounds.name;
  return group.length <= most && name.length <= most
    ? test
    : { ...test, group: group.slice(0, most), name: name.slice(0, most) };
}

function trackOf({ suite, group, name }: { suite: string; group: string; name: string }): string {
  return JSON.stringify([suite, group, name]);
}
