import { describe, expect, it } from '@jest/globals';
import type { HttpDeps } from '../../../app/http/http-deps.ts';
import { changeSignal } from '../../../app/lib/change-signal.ts';
import { hooked } from '../../helpers/hooked.ts';
import { world } from '../../helpers/memory-deps.ts';
import { aRequest, type HttpWorld, httpWorld } from './http-world.ts';

const again = { 'cache-control': 'max-age=1' };

/** A world that counts how often lists of runs are read, and can hold the reading up. */
function countingWorld(change: Partial<HttpDeps> = {}): {
  w: HttpWorld;
  reads: () => number;
  holdUp: (next: () => Promise<void>) => void;
} {
  let reads = 0;
  let before = async () => {};
  const { store } = world().deps;
  const runs = hooked(store.runs, async (method) => {
    if (method !== 'list') return;
    reads += 1;
    await before();
  });
  const w = httpWorld({ store: { ...store, runs }, ...change });
  return {
    w,
    reads: () => reads,
    holdUp: (next) => {
      before = next;
    },
  };
}
const project = async (w: HttpWorld, name: string) => {
  const made = await w.project({}, name);
  await w.deps.store.projects.create(made);
  return made;
};

describe('a shared response', () => {
  it('is created once for parallel requests', async () => {
    const { w, reads } = countingWorld();
    const client = await w.client(await project(w, 'shop'));
    const answers = await Promise.all(Array.from({ length: 50 }, () => client.get('/workflow', again)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(reads()).toBe(1);
  });

  it('is created again after a second', async () => {
    const { w, reads } = countingWorld();
    const client = await w.client(await project(w, 'shop'));
    await client.get('/workflow', again);
    w.clock.advance(1);
    await client.get('/workflow', again);
    expect(reads()).toBe(1);
    w.clock.advance(1);
    await client.get('/workflow', again);
    expect(reads()).toBe(2);
  });

  it('is not shared across a change that the server knows of', async () => {
    const changes = changeSignal();
    const { w, reads } = countingWorld({ changes });
    const client = await w.client(await project(w, 'shop'));
    await client.get('/workflow', again);
    await client.get('/workflow', again);
    expect(reads()).toBe(1);
    changes.announce();
    await client.get('/workflow', again);
    expect(reads()).toBe(2);
  });

  it('is created for each client that does not accept an older one', async () => {
    const { client } = await httpWorld().shop();
    await client.get('/workflow', again);
    const { workflow_id: id } = (await client.post('/workflow/execute', aRequest)).body;
    const { workflows } = (await client.get('/workflow')).body;
    expect(workflows).toMatchObject([{ workflow_id: id }]);
    expect((await client.get('/workflow', again)).body.workflows).toMatchObject([{ workflow_id: id }]);
  });

  it('never gets older: a slow response does not replace a newer one', async () => {
    const { w, holdUp } = countingWorld();
    const client = await w.client(await project(w, 'shop'));
    let goOn = () => {};
    let isHeldUp = () => {};
    const heldUp = new Promise<void>((resolve) => {
      isHeldUp = resolve;
    });
    holdUp(() => {
      isHeldUp();
      return new Promise((resolve) => {
        goOn = resolve;
      });
    });
    const slow = client.get('/workflow', again);
    await heldUp;
    holdUp(async () => {});
    await client.post('/workflow/execute', aRequest);
    expect((await client.get('/workflow')).body.workflows).toHaveLength(1);
    goOn();
    await slow;
    expect((await client.get('/workflow', again)).body.workflows).toHaveLength(1);
  });

  it('is created again after an error', async () => {
    const { w, holdUp } = countingWorld();
    const client = await w.client(await project(w, 'shop'));
    holdUp(() => Promise.reject(new Error('the database is away')));
    expect((await client.get('/workflow', again)).status).toBe(500);
    holdUp(async () => {});
    expect((await client.get('/workflow', again)).status).toBe(200);
  });
});

describe('a caller without access to a project', () => {
  it.each(['/workflow', '/listStacks', '/line'])(
    'gets no part of the shared response at %s',
    async (path) => {
      const w = httpWorld();
      const { client, project: shop } = await w.shop({}, 'shop');
      const stranger = await w.client(await w.project({}, 'bakery'));
      const address = `${path}?project=${shop.id}`;
      expect((await client.get(address, again)).status).toBe(200);
      expect((await stranger.get(address, again)).status).toBe(404);
      const { etag } = Object.fromEntries((await client.get(address, again)).headers);
      expect((await stranger.get(address, { ...again, 'if-none-match': `${etag}` })).status).toBe(404);
    },
  );

  it('gets their own response at the same address', async () => {
    const w = httpWorld();
    const { client } = await w.shop({}, 'shop');
    const other = await w.client(await w.project({}, 'bakery'));
    await client.post('/requestStack', { branch: 'main' });
    expect((await client.get('/listStacks', again)).body.stacks).toHaveLength(1);
    expect((await other.get('/listStacks', again)).body.stacks).toHaveLength(0);
  });
});

describe('a client with a cached response', () => {
  it('gets a 304 until it changes', async () => {
    const { client } = await httpWorld().shop();
    const etag = `${(await client.get('/listStacks')).headers.get('etag')}`;
    for (const known of [etag, `W/${etag}`, `"other", ${etag}`]) {
      const same = await client.raw('/listStacks', { headers: { 'if-none-match': known } });
      expect([same.status, await same.text()]).toEqual([304, '']);
    }
    await client.post('/requestStack', { branch: 'main' });
    expect((await client.get('/listStacks', { 'if-none-match': etag })).status).toBe(200);
  });
});
