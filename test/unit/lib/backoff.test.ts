import { expect, it } from '@jest/globals';
import { createBackoff } from '../../../app/lib/backoff.ts';

const at = (seconds: number): Date => new Date(seconds * 1000);

it('forgets what has not failed for a while: others may have ended it, and it would be remembered forever', () => {
  const backoff = createBackoff({ maxSeconds: 60 });
  for (let number = 0; number < 100; number += 1) backoff.failed(`run ${number}`, at(number));
  expect(backoff.size).toBe(100);
  backoff.failed('another run', at(99 + 60));
  expect(backoff.size).toBe(63);
  backoff.failed('another run', at(1000));
  expect(backoff.size).toBe(1);
});

it('does not wait for the time by which the clock was set back', () => {
  const backoff = createBackoff({ maxSeconds: 60 });
  backoff.failed('run', at(86_400));
  expect([backoff.isWaiting('run', at(86_400)), backoff.isWaiting('run', at(0))]).toEqual([true, false]);
});

it('waits twice as long after each failure, up to its limit', () => {
  const backoff = createBackoff({ maxSeconds: 60 });
  let now = at(0);
  const waits: number[] = [];
  for (let failures = 1; failures <= 8; failures += 1) {
    const until = backoff.failed('run', now);
    waits.push((until.getTime() - now.getTime()) / 1000);
    now = until;
  }
  expect(waits).toEqual([1, 2, 4, 8, 16, 32, 60, 60]);
});
