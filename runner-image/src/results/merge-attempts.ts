import { groupBy } from '../../../app/lib/split-list.ts';
import type { ResultCase } from './result-case.ts';

/**
 * Makes one test of the several results that a tool writes for a test that it runs again: the last result counts, and a
 * test that passed after it had failed is flaky. Tests that only share a name are left apart.
 *
 * @param cases of one file, in its order
 * @param commandPassed a command that passed has no failed test: one that failed and passed under one name was retried
 */
export function mergeAttempts(cases: readonly ResultCase[], commandPassed: boolean): ResultCase[] {
  const attempts = groupBy(cases, keyOf);
  if (attempts.size === cases.length) return [...cases];
  const suites = groupBy(cases, ({ suite }) => suite);
  const mergeable = new Set(
    [...suites].filter(([, of]) => saysFewer(of)).flatMap(([suite]) => (suite === undefined ? [] : [suite])),
  );
  return [...attempts.values()].flatMap((of) => {
    const [first] = of;
    const isRetried =
      first?.suite?.writesAttempts === true ||
      (first?.suite !== undefined && mergeable.has(first.suite)) ||
      (commandPassed && differs(of) && of.some(({ outcome }) => outcome === 'passed'));
    return of.length > 1 && isRetried ? [merged(of, commandPassed)] : of;
  });
}

/** The suite counts each test once, and lists more. */
function saysFewer(cases: readonly ResultCase[]): boolean {
  const stated = cases[0]?.suite?.tests;
  return stated !== undefined && stated < cases.length && stated === new Set(cases.map(keyOf)).size;
}

function differs(cases: readonly ResultCase[]): boolean {
  return new Set(cases.map(({ outcome }) => outcome)).size > 1;
}

function merged(attempts: readonly ResultCase[], commandPassed: boolean): ResultCase {
  const passed = attempts.findLast(({ outcome }) => outcome === 'passed');
  const last = attempts.at(-1);
  // gotestsum lists the failed attempts first, whatever their order was; a command that passed has the last word.
  const verdict = commandPassed ? (passed ?? last) : last;
  if (verdict === undefined) throw new Error('a test without a result');
  return verdict.outcome === 'passed' ? { ...verdict, flaky: true } : verdict;
}

function keyOf({ group, name, file }: ResultCase): string {
  return `${group}\n${name}\n${file ?? ''}`;
}
