import { describe, expect, it } from '@jest/globals';
import { extendRange, formatLineRange, parseLineRange } from '../../../../app/lib/log/line-range.ts';

describe('a range of lines in an address', () => {
  it.each([
    ['#L12', { first: 12, last: 12 }],
    ['#L12-L20', { first: 12, last: 20 }],
    ['#L12-20', { first: 12, last: 20 }],
    ['#L20-L12', { first: 12, last: 20 }],
    ['', undefined],
    ['#L0', undefined],
    ['#L1x', undefined],
    ['#L1-', undefined],
    ['#L12-L20-L30', undefined],
    ['#key=berth_1', undefined],
  ])('%j is read as %j', (hash, range) => {
    expect(parseLineRange(hash)).toEqual(range);
  });

  it('is written as it is read', () => {
    for (const hash of ['#L12', '#L12-L20'])
      expect(formatLineRange(parseLineRange(hash) ?? { first: 0, last: 0 })).toBe(hash);
  });

  it('is extended up and down by Shift+click', () => {
    expect(extendRange(undefined, 5)).toEqual({ first: 5, last: 5 });
    expect(extendRange({ first: 5, last: 7 }, 9)).toEqual({ first: 5, last: 9 });
    expect(extendRange({ first: 5, last: 7 }, 2)).toEqual({ first: 2, last: 7 });
    expect(extendRange({ first: 5, last: 7 }, 6)).toEqual({ first: 5, last: 6 });
  });
});
