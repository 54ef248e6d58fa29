import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { dueTime, nextTime, scheduleMistake } from '../../../../app/core/model/schedule.ts';
import { cases } from '../../../helpers/cases.ts';

const berlin = (cron: string) => ({ cron, timezone: 'Europe/Berlin' });

/** The first times after a moment. */
function times(cron: string, after: string, count: number): string[] {
  const found: string[] = [];
  for (let time = new Date(after); found.length < count; found.push(time.toISOString().slice(0, 16)))
    time = nextTime(berlin(cron), time) ?? new Date(Number.NaN);
  return found;
}

describe('a schedule', () => {
  it('keeps its local time when clocks go forward, and a time in the gap runs after it', () => {
    expect(times('0 3 * * *', '2027-03-27T00:30Z', 3)).toEqual([
      '2027-03-27T02:00',
      '2027-03-28T01:00',
      '2027-03-29T01:00',
    ]);
    expect(times('30 2 * * *', '2027-03-27T12:00Z', 2)).toEqual(['2027-03-28T01:00', '2027-03-29T00:30']);
    expect(times('0 * * * *', '2027-03-27T23:30Z', 3)).toEqual([
      '2027-03-28T00:00',
      '2027-03-28T01:00',
      '2027-03-28T02:00',
    ]);
  });

  it('runs once at a local time that exists twice when clocks go back, and in each hour if it is hourly', () => {
    expect(times('30 2 * * *', '2027-10-30T12:00Z', 2)).toEqual(['2027-10-31T00:30', '2027-11-01T01:30']);
    expect(times('0 * * * *', '2027-10-30T23:30Z', 3)).toEqual([
      '2027-10-31T00:00',
      '2027-10-31T01:00',
      '2027-10-31T02:00',
    ]);
  });

  it('names mistakes', () => {
    expect(scheduleMistake(berlin('0 3 * * 1-5'))).toBeUndefined();
    expect(scheduleMistake(berlin('0 3 * *'))).toContain('not a cron expression');
    expect(scheduleMistake(berlin('0 0 3 * * *'))).toContain('not a cron expression');
    expect(scheduleMistake(berlin('0 0 30 2 *'))).toContain('has no time');
    expect(scheduleMistake({ cron: '0 3 * * *', timezone: 'Europe/Berlim' })).toContain(
      'no time zone `Europe/Berlim`',
    );
  });

  it('is due once for each time, whenever it is looked at, over both changes of the clocks', () => {
    const looks = fc.array(fc.integer({ min: 1, max: 90 * 60 }), { minLength: 1, maxLength: 60 });
    const starts = fc.constantFrom('2027-03-27T22:17:31Z', '2027-10-30T22:17:31Z');
    const crons = fc.constantFrom('30 2 * * *', '0 * * * *', '*/45 1-3 * * *', '0 3 * * *');
    fc.assert(
      fc.property(starts, crons, looks, (start, cron, waits) => {
        const schedule = berlin(cron);
        let now = new Date(start);
        let since = nextTime(schedule, now);
        const begun: number[] = [];
        for (const wait of waits) {
          now = new Date(now.getTime() + wait * 1000);
          if (since === undefined) return;
          const due = dueTime(schedule, since, now);
          if (due !== undefined) begun.push(due.getTime());
          expect(due === undefined).toBe(since > now);
          // The latest: none is between it and now.
          if (due !== undefined) expect(nextTime(schedule, due)?.getTime()).toBeGreaterThan(now.getTime());
          since = nextTime(schedule, now);
        }
        expect(begun).toEqual([...new Set(begun)].sort((one, other) => one - other));
      }),
      { numRuns: cases(300) },
    );
  });

  it('leaves out what was missed for more than a day', () => {
    const now = new Date('2027-05-10T12:00Z');
    expect(dueTime(berlin('0 3 1 5 *'), new Date('2027-05-01T01:00Z'), now)).toBeUndefined();
    expect(dueTime(berlin('0 3 * * *'), new Date('2027-05-01T01:00Z'), now)?.toISOString()).toBe(
      '2027-05-10T01:00:00.000Z',
    );
  });
});
