import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { TimeLimitError, withTimeLimit } from '../../../app/lib/time-limit.ts';

describe('a time limit', () => {
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => void jest.useRealTimers());

  it('ends the wait for work that hangs', async () => {
    const waiting = expect(withTimeLimit(300, () => new Promise(() => {}))).rejects.toThrow(TimeLimitError);
    await jest.advanceTimersByTimeAsync(300_000);
    await waiting;
  });

  it('passes on what the work returns or throws, and leaves no timer behind', async () => {
    expect(await withTimeLimit(300, async () => 7)).toBe(7);
    await expect(withTimeLimit(300, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(jest.getTimerCount()).toBe(0);
  });
});
