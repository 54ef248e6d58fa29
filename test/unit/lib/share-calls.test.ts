import { describe, expect, it } from '@jest/globals';
import { shareCalls } from '../../../app/lib/share-calls.ts';

describe('shareCalls', () => {
  it('makes one call at a time, and one more for all who asked in the meantime', async () => {
    const pending: ((answer: number) => void)[] = [];
    const shared = shareCalls(() => new Promise<number>((resolve) => pending.push(resolve)));
    const first = shared();
    await settled();
    const later = [shared(), shared(), shared()];
    await settled();
    expect(pending).toHaveLength(1);
    pending[0]?.(1);
    expect(await first).toBe(1);
    await settled();
    expect(pending).toHaveLength(2);
    pending[1]?.(2);
    expect(await Promise.all(later)).toEqual([2, 2, 2]);
  });

  it('passes a failure on to those who share the call, and calls again for the next', async () => {
    let calls = 0;
    const shared = shareCalls(async () => {
      calls += 1;
      if (calls === 1) throw new Error('refused');
      return calls;
    });
    await expect(shared()).rejects.toThrow('refused');
    expect(await shared()).toBe(2);
  });
});

const settled = () => new Promise((resolve) => setImmediate(resolve));
