import { describe, expect, it } from '@jest/globals';
import { type Month, monthAfter, monthOf, monthsBetween, parseMonth } from '../../../app/lib/month.ts';

const month = (text: string): Month => {
  const parsed = parseMonth(text);
  if (parsed === undefined) throw new Error(`${text} is not a month`);
  return parsed;
};

describe('a month', () => {
  it('is that of a moment in UTC', () => {
    expect(monthOf(new Date('2026-11-30T23:30:00-02:00'))).toBe('2026-12');
  });

  it('is followed by the next, over the end of a year', () => {
    expect(monthAfter(month('2025-12'), 1)).toBe('2026-01');
    expect(monthAfter(month('2026-01'), -1)).toBe('2025-12');
    expect(monthAfter(month('2026-01'), 25)).toBe('2028-02');
  });

  it('counts with both ends of a range', () => {
    expect(monthsBetween(month('2025-11'), month('2026-02'))).toEqual([
      '2025-11',
      '2025-12',
      '2026-01',
      '2026-02',
    ]);
    expect(monthsBetween(month('2026-02'), month('2026-01'))).toEqual([]);
  });

  it.each(['2026-00', '2026-13', '2026-1', '26-01', '2026-01-01', ''])('is not %j', (text) => {
    expect(parseMonth(text)).toBeUndefined();
  });
});
