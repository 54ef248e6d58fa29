import { expect, it } from '@jest/globals';
import { ttlCache } from '../../../app/lib/ttl-cache.ts';
import { fakeClock } from '../../helpers/memory-deps.ts';

it('keeps no answer for the time by which the clock was set back: an expired token of GitHub would be used', async () => {
  const clock = fakeClock();
  const cache = ttlCache<number>(clock, 60);
  let calls = 0;
  const ask = () => cache.get('token', async () => (calls += 1));
  clock.advance(86_400);
  expect([await ask(), await ask()]).toEqual([1, 1]);
  clock.advance(-86_400);
  expect([await ask(), await ask()]).toEqual([2, 2]);
});
