import { describe, expect, it } from '@jest/globals';
import { batchReads } from '../../../app/lib/batch-reads.ts';

describe('batched reads', () => {
  const batches: string[][] = [];
  const read = batchReads(
    (key: string) => key,
    async (keys) => {
      batches.push([...keys]);
      if (keys.includes('broken')) throw new Error('no answer');
      return new Map(keys.filter((key) => key !== 'missing').map((key) => [key, `item ${key}`]));
    },
  );

  it('are one call for a tick, with each key once, and another call for the next tick', async () => {
    const items = await Promise.all([read('a'), read('b'), read('a'), read('missing')]);
    expect(items).toEqual(['item a', 'item b', 'item a', undefined]);
    expect(await read('a')).toBe('item a');
    expect(batches).toEqual([['a', 'b', 'missing'], ['a']]);
  });

  it('fail together, and not those that follow', async () => {
    const results = await Promise.allSettled([read('broken'), read('a')]);
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(await read('a')).toBe('item a');
  });
});
