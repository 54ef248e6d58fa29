import { expect, it } from '@jest/globals';
import { retryWaitSeconds } from '../../../app/core/policy.ts';

// What the sweep and the call may take.
const restSeconds = 15;

it('leaves time for the sweep within the minute in which a check must be right after an outage of hours', () => {
  let passed = 0;
  for (let attempts = 0; passed < 23 * 3600; attempts += 1) {
    const wait = retryWaitSeconds(attempts);
    expect(wait + restSeconds).toBeLessThan(60);
    passed += wait;
  }
});

it('waits longer after a day, but never without an end', () => {
  expect([10_000, 100_000].map(retryWaitSeconds)).toEqual([3600, 3600]);
});
