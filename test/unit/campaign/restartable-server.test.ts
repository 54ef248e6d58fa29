import { describe, expect, it } from '@jest/globals';
import { restartableServer } from '../../campaign/restartable-server.ts';

const alive = () => ({
  url: 'http://localhost',
  pid: 1,
  ended: new Promise<string | null>(() => {}),
  stop: async () => {},
});

describe('the server of a campaign', () => {
  it('counts its kills, and is a failure once it does not start again', async () => {
    const starts = [async () => alive(), async () => alive(), () => Promise.reject(new Error('no lock'))];
    const server = await restartableServer(() => starts.shift()?.() ?? Promise.reject(new Error('unused')));
    await server.restart();
    expect(() => server.refuseDead()).not.toThrow();
    await expect(server.restart()).rejects.toThrow('after kill 2');
    expect(() => server.refuseDead()).toThrow('no lock');
    expect(server.kills).toBe(2);
  });

  it('is a failure when it ends without a kill', async () => {
    const server = await restartableServer(async () => ({ ...alive(), ended: Promise.resolve(null) }));
    await Promise.resolve();
    expect(() => server.refuseDead()).toThrow('ended by itself');
  });
});
