import type { TestCase } from '../model/test-results.ts';

/** The outcome of a test in a run. Cases with the same name count as one test, which failed if one of them did. */
export interface TestResult {
  readonly group: string;
  readonly name: string;
  readonly outcome: TestCase['outcome'];
  readonly durationSeconds: number;
  /** It passed after it had failed, within the run. */
  readonly flaky?: boolean;
}

interface SlowerTest extends Pick<TestResult, 'group' | 'name' | 'durationSeconds'> {
  readonly beforeSeconds: number;
}

/** The tests of a run compared with those of another. */
export interface TestComparison {
  /** Failed here and not there. */
  readonly newlyFailing: readonly TestResult[];
  /** Failed here and there. */
  readonly stillFailing: readonly TestResult[];
  /** Passed here, failed there. */
  readonly fixed: readonly TestResult[];
  /** Largest slowdown first. */
  readonly slower: readonly SlowerTest[];
  readonly added: number;
  readonly removed: number;
}

/** Smaller differences are noise. */
const slowerBy = { factor: 1.5, seconds: 0.25 };

export function compareTests(cases: readonly TestCase[], before: readonly TestCase[]): TestComparison {
  const now = byName(cases);
  const then = byName(before);
  const results = [...now.values()];
  const was = (test: TestResult) => then.get(keyOf(test))?.outcome;
  const failed = results.filter(({ outcome }) => outcome === 'failed');
  return {
    newlyFailing: failed.filter((test) => was(test) !== 'failed'),
    stillFailing: failed.filter((test) => was(test) === 'failed'),
    fixed: results.filter((test) => test.outcome === 'passed' && was(test) === 'failed'),
    slower: results
      .flatMap(({ group, name, outcome, durationSeconds }): SlowerTest[] => {
        const other = then.get(keyOf({ group, name }));
        // A failed test did not do the same work.
        if (other?.outcome !== 'passed' || outcome !== 'passed') return [];
        const beforeSeconds = other.durationSeconds;
        const isSlower =
          durationSeconds >= beforeSeconds * slowerBy.factor &&
          durationSeconds - beforeSeconds >= slowerBy.seconds;
        return isSlower ? [{ group, name, durationSeconds, beforeSeconds }] : [];
      })
      .sort((a, b) => b.durationSeconds - b.beforeSeconds - (a.durationSeconds - a.beforeSeconds)),
    added: results.filter((test) => !then.has(keyOf(test))).length,
    removed: [...then.keys()].filter((key) => !now.has(key)).length,
  };
}

/** Combines the names unambiguously. */
function keyOf({ group, name }: Pick<TestCase, 'group' | 'name'>): string {
  return JSON.stringify([group, name]);
}

export function byName(cases: readonly TestCase[]): ReadonlyMap<string, TestResult> {
  const tests = new Map<string, TestResult>();
  for (const { group, name, outcome, durationSeconds, flaky } of cases) {
    const key = keyOf({ group, name });
    const known = tests.get(key);
    tests.set(key, {
      group,
      name,
      outcome: known === undefined ? outcome : worse(known.outcome, outcome),
      durationSeconds: (known?.durationSeconds ?? 0) + durationSeconds,
      ...(flaky === true || known?.flaky === true ? { flaky: true } : {}),
    });
  }
  return tests;
}

function worse(one: TestCase['outcome'], other: TestCase['outcome']): TestCase['outcome'] {
  if (one === 'failed' || other === 'failed') return 'failed';
  return one === 'passed' || other === 'passed' ? 'passed' : 'skipped';
}
