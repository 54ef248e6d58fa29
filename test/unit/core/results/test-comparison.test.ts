import { describe, expect, it } from '@jest/globals';
import type { TestCase } from '../../../../app/core/model/test-results.ts';
import { compareTests } from '../../../../app/core/results/test-comparison.ts';

const test = (name: string, outcome: TestCase['outcome'] = 'passed', durationSeconds = 1): TestCase => ({
  group: 'harbour',
  name,
  outcome,
  durationSeconds,
});
const names = (tests: readonly { name: string }[]) => tests.map(({ name }) => name);

describe('the tests of two runs', () => {
  it('are newly failing, still failing or fixed', () => {
    const { newlyFailing, stillFailing, fixed } = compareTests(
      [
        test('broke', 'failed'),
        test('broken', 'failed'),
        test('mended'),
        test('new', 'failed'),
        test('fine'),
      ],
      [test('broke'), test('broken', 'failed'), test('mended', 'failed'), test('fine')],
    );
    expect(names(newlyFailing)).toEqual(['broke', 'new']);
    expect(names(stillFailing)).toEqual(['broken']);
    expect(names(fixed)).toEqual(['mended']);
  });

  it('are slower if the difference is not noise, the largest loss first', () => {
    const { slower } = compareTests(
      [
        test('a bit', 'passed', 2),
        test('much', 'passed', 9),
        test('tiny', 'passed', 0.02),
        test('large, hardly', 'passed', 101),
        test('failed', 'failed', 60),
      ],
      [
        test('a bit', 'passed', 1),
        test('much', 'passed', 1),
        test('tiny', 'passed', 0.001),
        test('large, hardly', 'passed', 100),
        test('failed', 'passed', 1),
      ],
    );
    expect(slower).toEqual([
      { group: 'harbour', name: 'much', durationSeconds: 9, beforeSeconds: 1 },
      { group: 'harbour', name: 'a bit', durationSeconds: 2, beforeSeconds: 1 },
    ]);
  });

  it('count added and removed tests', () => {
    expect(compareTests([test('a'), test('b')], [test('b'), test('c'), test('d')])).toMatchObject({
      added: 1,
      removed: 2,
    });
  });

  it('with the same name count as one, which failed if one of them failed', () => {
    const { newlyFailing, added } = compareTests([test('each'), test('each', 'failed')], [test('each')]);
    expect(names(newlyFailing)).toEqual(['each']);
    expect(added).toBe(0);
  });

  it('are identified by group and name, whatever characters these contain', () => {
    const one = { ...test('b'), group: 'a\u0000' };
    const other = { ...test('\u0000b'), group: 'a' };
    expect(compareTests([one], [other])).toMatchObject({ added: 1, removed: 1 });
  });
});
