import { describe, expect, it } from '@jest/globals';
import { once } from '../../../app/lib/once.ts';

describe('once', () => {
  it('creates one value for all callers', async () => {
    let calls = 0;
    const get = once(async () => {
      calls += 1;
      return calls;
    });
    expect(await Promise.all([get(), get(), get()])).toEqual([1, 1, 1]);
    expect(await get()).toBe(1);
  });

  it('tries again after a failure', async () => {
    let calls = 0;
    const get = once(async () => {
      calls += 1;
      if (calls === 1) throw new Error('not yet');
      return calls;
    });
    await expect(get()).rejects.toThrow('not yet');
    expect(await get()).toBe(2);
  });
});
