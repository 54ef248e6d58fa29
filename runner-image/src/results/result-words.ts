import type { TestCase } from '../../../app/core/model/test-results.ts';

export type SumName = TestCase['outcome'] | 'total';

/** The words and marks that test tools use, in lower case. */
const words: Readonly<Record<SumName, string>> = {
  total: 'total,tests,test,doctests,doctest,properties,property',
  passed: 'passed,pass,passing,ok,success,completed,passedbutrunaborted,xpassed,flaky,✔,✓,√',
  failed:
    'failed,fail,failing,failure,failures,error,errors,invalid,cancelled,interrupted,timeout,timed,aborted,disconnected,unexpected successes,✖,✘,)',
  skipped: 'skipped,skip,todo,pending,ignored,incomplete,xfailed,expected failures,-,﹣',
};
const meanings: ReadonlyMap<string, SumName> = new Map(
  (['total', 'passed', 'failed', 'skipped'] as const).flatMap((name) =>
    words[name].split(',').map((word) => [word, name] as const),
  ),
);

/** @returns undefined for any other word */
export function meaningOf(word: string): SumName | undefined {
  return meanings.get(word.toLowerCase());
}

/** Reads a tool's word for the result of one test. By a word that is not known, the test did not run. */
export function outcomeOf(word: string): TestCase['outcome'] {
  const meaning = meaningOf(word);
  // NUnit and Visual Studio: a test that passed with a warning.
  if (/^warning$/i.test(word)) return 'passed';
  return meaning === undefined || meaning === 'total' ? 'skipped' : meaning;
}
