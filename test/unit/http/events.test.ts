import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from '@jest/globals';
import type { FollowerAccess } from '../../../app/http/follow-log.ts';
import { followChanges } from '../../../app/http/routes/events.ts';
import { changeSignal } from '../../../app/lib/change-signal.ts';
import { fakeClock } from '../../helpers/memory-deps.ts';
import { httpWorld } from './http-world.ts';

const text = new TextDecoder();

function follow({ until, isAllowed = async () => true }: Partial<FollowerAccess> = {}) {
  const clock = fakeClock();
  const changes = changeSignal();
  const reader = new AbortController();
  let ticks: (() => void)[] = [];
  const pause = (milliseconds: number) =>
    new Promise<void>((resolve) => {
      ticks.push(() => {
        clock.advance(milliseconds / 1000);
        resolve();
      });
    });
  const stream = followChanges({ clock, pause }, changes, reader.signal, { until, isAllowed });
  const next = async () => {
    const { value, done } = await stream.next();
    return done === true ? 'end' : text.decode(value);
  };
  const tick = async () => {
    // The stream asks for its pause a few turns later.
    for (let turn = 0; turn < 10 && ticks.length === 0; turn += 1) await Promise.resolve();
    const due = ticks;
    ticks = [];
    for (const resolve of due) resolve();
    for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
  };
  return { changes, next, tick, reader, clock };
}

describe('GET /events', () => {
  it('sends an event for a change, and one for all that happen in half a second', async () => {
    const { changes, next, tick } = follow();
    expect(await next()).toContain(': connected');
    const first = next();
    await tick();
    changes.announce();
    expect(await first).toBe('event: changed\ndata:\n\n');
    // Changes while the event is read are not missed.
    changes.announce();
    changes.announce();
    const second = next();
    await tick();
    expect(await second).toBe('event: changed\ndata:\n\n');
  });

  it('sends a comment now and then, so that the connection stays open', async () => {
    const { next, tick } = follow();
    await next();
    const comment = next();
    for (let second = 0; second < 15; second += 1) await tick();
    expect(await comment).toBe(': still here\n\n');
  });

  it('ends when the access has to be checked again', async () => {
    const { next, tick } = follow({ until: new Date(fakeClock().now().getTime() + 1500) });
    await next();
    const end = next();
    await tick();
    await tick();
    expect(await end).toBe('end');
  });

  it('ends for a key that was revoked in the meantime', async () => {
    const { next, tick } = follow({ isAllowed: async () => false });
    await next();
    for (const seconds of [15, 30]) {
      const comment = next();
      for (let second = 0; second < 15; second += 1) await tick();
      expect([seconds, await comment]).toEqual([seconds, ': still here\n\n']);
    }
    expect(await next()).toBe('end');
  });

  it('keeps no memory for the time in which nothing changes', async () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const clock = fakeClock();
    let seconds = 0;
    const reader = new AbortController();
    const pause = async () => {
      seconds += 1;
      if (seconds === days * 86_400) reader.abort();
    };
    const days = 2;
    const access = { isAllowed: async () => true };
    const stream = followChanges({ clock, pause }, changeSignal(), reader.signal, access);
    await stream.next();
    collect();
    const before = process.memoryUsage().heapUsed;
    await stream.next();
    collect();
    expect(seconds).toBe(days * 86_400);
    expect((process.memoryUsage().heapUsed - before) / 2 ** 20).toBeLessThan(5);
  });

  it('is not there where the server is more than one process', async () => {
    const { client } = await httpWorld().shop();
    expect((await client.get('/events')).status).toBe(404);
  });
});
