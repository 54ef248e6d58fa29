import type { TestCase } from '../model/test-results.ts';
import {
  flakyLetter,
  outcomeOf,
  type TestHistory,
  type TrackedRun,
  type TrackedTest,
} from './test-history.ts';

export interface TestHistoryEntry {
  readonly run: TrackedRun;
  readonly outcome: TestCase['outcome'];
  /** It passed after it had failed, within the run. */
  readonly isFlaky: boolean;
  readonly seconds: number;
}

/** The outcomes of a test, oldest first. */
export function pointsOf(history: TestHistory, test: TrackedTest): readonly TestHistoryEntry[] {
  return pointsBy(new Map(history.runs.map((run) => [run.number, run])), test);
}

function pointsBy(runs: ReadonlyMap<number, TrackedRun>, test: TrackedTest): readonly TestHistoryEntry[] {
  return test.r.flatMap((number, index): TestHistoryEntry[] => {
    const run = runs.get(number);
    const letter = test.o[index] ?? '';
    const outcome = outcomeOf[letter];
    return run === undefined || outcome === undefined
      ? []
      : [{ run, outcome, isFlaky: letter === flakyLetter, seconds: (test.d[index] ?? 0) / 1000 }];
  });
}

export interface TestStats {
  readonly suite: string;
  readonly group: string;
  readonly name: string;
  readonly points: readonly TestHistoryEntry[];
  /** How often it ran, without skips. */
  readonly ran: number;
  readonly failed: number;
  /** Commits on which it both passed and failed: nothing changed but the outcome. */
  readonly flakyCommits: number;
  /** The median duration of passed tests. */
  readonly medianSeconds: number;
  readonly p95Seconds: number;
}

export function testStats(history: TestHistory): readonly TestStats[] {
  const runs = new Map(history.runs.map((run) => [run.number, run]));
  return history.tests.map((test) => statsOf(test, pointsBy(runs, test)));
}

export function statsOf(
  { suite, group, name }: Pick<TrackedTest, 'suite' | 'group' | 'name'>,
  points: readonly TestHistoryEntry[],
): TestStats {
  const ran = points.filter(({ outcome }) => outcome !== 'skipped');
  const times = ran.flatMap(({ outcome, seconds }) => (outcome === 'passed' ? [seconds] : []));
  times.sort((a, b) => a - b);
  return {
    suite,
    group,
    name,
    points,
    ran: ran.length,
    failed: ran.filter(({ outcome }) => outcome === 'failed').length,
    flakyCommits: flakyCommits(ran),
    medianSeconds: quantile(times, 0.5),
    p95Seconds: quantile(times, 0.95),
  };
}

function flakyCommits(ran: readonly TestHistoryEntry[]): number {
  const outcomes = new Map<string, Set<string>>();
  for (const { run, outcome, isFlaky } of ran) {
    if (run.sha === undefined) continue;
    const known = (outcomes.get(run.sha) ?? new Set()).add(outcome);
    outcomes.set(run.sha, isFlaky ? known.add('failed') : known);
  }
  return [...outcomes.values()].filter((of) => of.size > 1).length;
}

function quantile(sorted: readonly number[], part: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? 0;
}

export const testOrders = ['flaky', 'slow', 'failing'] as const;
export type TestOrder = (typeof testOrders)[number];

const worse: Readonly<Record<TestOrder, (a: TestStats, b: TestStats) => number>> = {
  flaky: (a, b) => b.flakyCommits - a.flakyCommits || rate(b) - rate(a) || b.failed - a.failed,
  slow: (a, b) => b.medianSeconds - a.medianSeconds,
  failing: (a, b) => rate(b) - rate(a) || b.failed - a.failed,
};

/** Worst first, then by name. */
export function inTestOrder(tests: readonly TestStats[], order: TestOrder): readonly TestStats[] {
  return [...tests].sort((a, b) => worse[order](a, b) || (a.name < b.name ? -1 : 1));
}

function rate({ failed, ran }: TestStats): number {
  return ran === 0 ? 0 : failed / ran;
}
