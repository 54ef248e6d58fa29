import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ago, dollars, duration } from '../../../app/dashboard/web/lib/format.ts';

describe('a duration on the dashboard', () => {
  it.each([
    [0, '0 s'],
    [0.4, '< 1 ms'],
    [1.2, '1 ms'],
    [999.6, '1 s'],
    [59_700, '1 m 0 s'],
    [200_000, '3 m 20 s'],
    [3_599_800, '1 h 0 m'],
    [4 * 3_600_000 - 1000, '4 h 0 m'],
    [7_500_000, '2 h 5 m'],
  ])('of %d milliseconds reads %s', (milliseconds, text) => {
    expect(duration(milliseconds)).toBe(text);
  });

  it('never has as many of a unit as make the next one', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 90_000_000, noNaN: true }), (milliseconds) => {
        expect(duration(milliseconds)).not.toMatch(/\b(60 [sm]|1000 ms)\b/);
      }),
    );
  });
});

describe('how long ago something was', () => {
  const now = Date.parse('2030-01-01T12:00:00Z');

  // In the words of whatever language the machine that runs this has.
  const words = new Intl.RelativeTimeFormat(undefined, { numeric: 'auto', style: 'short' });

  it.each([
    [59_900, 59, 'second'],
    [3_599_000, 59, 'minute'],
    [86_399_000, 23, 'hour'],
  ] as const)('counts whole units: %d milliseconds are %d of a %s', (passed, count, unit) => {
    expect(ago(new Date(now - passed).toISOString(), now)).toBe(words.format(-count, unit));
  });
});

describe('an amount of dollars', () => {
  it.each([
    [0, '$0'],
    [0.00006172, '$0.00006'],
    [0.0004, '$0.0004'],
    [0.0099, '$0.01'],
    [0.01, '$0.01'],
    [0.126, '$0.13'],
    [12.3, '$12.30'],
    [999.99, '$999.99'],
    [1234.56, '$1,235'],
    [1234567, '$1,234,567'],
  ])('of %d is shown as %s', (usd, text) => {
    expect(dollars(usd)).toBe(text);
  });
});
