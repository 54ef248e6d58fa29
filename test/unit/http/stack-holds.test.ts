import { describe, expect, it } from '@jest/globals';
import { outcomeWithoutResult } from '../../../app/core/model/outcome.ts';
import { finish } from '../../../app/core/model/run-transitions.ts';
import { sweep } from '../../../app/core/runs/sweep.ts';
import { stackHistorySchema, stackSchema } from '../../../app/http/schemas/stack.ts';
import { writeResult } from '../../helpers/memory-deps.ts';
import { aRequest, httpWorld, storedId } from './http-world.ts';

const hourSeconds = 3600;

async function holdWorld() {
  const w = httpWorld();
  const { client, project } = await w.shop({ maxStacks: 1 });
  const request = (holder: string, more = {}) =>
    client.post('/requestStack', { branch: 'topic', holder, ...more });
  return { w, client, project, request };
}

describe('POST /releaseStack', () => {
  it('accepts the release of a client that sees that the run has ended', async () => {
    const { w, client, request } = await holdWorld();
    const { stackName, lockToken } = (await request('me')).body;
    const job = { ...aRequest, run_id: 'r', stack: stackName, holder: 'me' };
    expect((await client.post('/workflow/execute', job)).status).toBe(202);
    await w.settle();
    const id = await storedId(client, 'r');
    const release = () => client.post('/releaseStack', { stackName, lockToken });
    expect((await release()).body.code).toBe('stack_held');

    // As it is between two steps of the run: its end is written, and its turn on the stack lasts.
    const run = await w.deps.store.runs.get(id);
    if (run === undefined) throw new Error('there is no run');
    const now = w.clock.now();
    await w.deps.store.runs.save(finish(run, 'succeeded', outcomeWithoutResult('Done.'), now), now);
    expect(await release()).toMatchObject({ status: 200 });

    expect((await request('next')).body).toMatchObject({ stackName, lockToken: lockToken + 1 });
    await w.deps.enqueue(id);
    await w.settle();
    expect((await client.get('/listStacks')).body.stacks).toMatchObject([{ holder: 'api:next' }]);
    expect((await client.get('/stacks/test-1/history')).body.holds).toMatchObject([
      { holder: 'api:next', until: null },
      { holder: 'api:me', until: expect.any(String) },
    ]);
  });
});

describe('GET /stacks/:name', () => {
  it('adds up the costs of its last runs, also where the first page of the list has none of them', async () => {
    const { w, client } = await holdWorld();
    await client.post('/workflow/execute', { ...aRequest, run_id: 'r' });
    await w.settle();
    const run = await w.deps.store.runs.get(await storedId(client, 'r'));
    if (run === undefined) throw new Error('there is no run');
    const outcome = { ...outcomeWithoutResult('Done.'), costUsd: 0.25 };
    const priced = finish(run, 'succeeded', outcome, w.clock.now());
    Object.assign(w.deps.store.runs, {
      list: async (_: unknown, __: unknown, { cursor }: { readonly cursor?: string }) =>
        cursor === undefined ? { items: [], cursor: 'next' } : { items: [priced] },
    });
    expect((await client.get('/stacks/test-1')).body).toMatchObject({ costUsd: 0.25 });
  });
});

describe('GET /stacks/:name/history', () => {
  it('returns the current and earlier holders, and the deployments', async () => {
    const { w, client, request } = await holdWorld();
    await request('first');
    await client.post('/setLastDeployedCommit', { stackName: 'test-1', lastDeployedCommit: 'abc' });
    w.clock.advance(60);
    await client.post('/releaseStack', { stackName: 'test-1' });
    await request('second', { branch: 'other' });
    const { status, body } = await client.get('/stacks/test-1/history');
    expect(status).toBe(200);
    expect(stackHistorySchema.parse(body).holds).toMatchObject([
      { holder: 'api:second', heldBy: 'API client second', branch: 'other', until: null, deployments: [] },
      { holder: 'api:first', branch: 'topic', deployments: [{ commit: 'abc' }] },
    ]);
    const [, first] = body.holds;
    expect(Date.parse(first.until) - Date.parse(first.since)).toBe(60_000);
  });

  it('contains a hold that ended with its lease', async () => {
    const { w, client, request } = await holdWorld();
    await request('first', { leaseSeconds: 60 });
    w.clock.advance(61);
    await request('second');
    expect((await client.get('/stacks/test-1/history')).body.holds).toMatchObject([
      { holder: 'api:second', until: null },
      { holder: 'api:first', until: expect.any(String) },
    ]);
  });

  it('shows a hold as active if its release was rejected', async () => {
    const { w, client } = await holdWorld();
    await client.post('/workflow/execute', { ...aRequest, run_id: 'r' });
    await w.settle();
    expect((await client.post('/releaseStack', { stackName: 'test-1' })).body.code).toBe('stack_held');
    expect((await client.get('/stacks/test-1/history')).body.holds).toMatchObject([
      { holder: 'run:r', until: null },
    ]);
  });

  it('reports an unknown stack', async () => {
    const { client } = await holdWorld();
    expect((await client.get('/stacks/test-9/history')).body.code).toBe('stack_not_found');
  });
});

describe('POST /extendLease', () => {
  it('changes the end of the lease, of this hold only', async () => {
    const { w, client, request } = await holdWorld();
    const { body: held } = await request('first', { leaseSeconds: 60 });
    w.clock.advance(30);
    const lease = { stackName: 'test-1', leaseSeconds: hourSeconds };
    const { status, body } = await client.post('/extendLease', { ...lease, lockToken: held.lockToken });
    expect(status).toBe(200);
    expect(Date.parse(body.leaseUntil) - w.clock.now().getTime()).toBe(hourSeconds * 1000);
    w.clock.advance(hourSeconds - 1);
    expect((await client.get('/stacks/test-1')).body).toMatchObject({
      isAvailable: false,
      holder: 'api:first',
    });
    expect((await client.post('/extendLease', { ...lease, lockToken: 99 })).body.code).toBe(
      'stack_token_stale',
    );
  });

  it('does nothing for a hold that has ended, or that has no lease', async () => {
    const { w, client, request } = await holdWorld();
    const lease = { stackName: 'test-1', leaseSeconds: hourSeconds };
    await request('first', { leaseSeconds: 60 });
    w.clock.advance(61);
    expect((await client.post('/extendLease', lease)).body.code).toBe('stack_token_stale');
    await request('second');
    expect((await client.post('/extendLease', lease)).body.code).toBe('conflict');
  });
});

describe('a client in the queue', () => {
  it.each([
    ['loses its stack soon after it stopped asking, even if it requested a long lease', 0],
    ['gets the requested lease when it asks again', 1],
  ])('%s', async (_, asksAgain) => {
    const { w, client, request } = await holdWorld();
    const wanted = { wait: true, leaseSeconds: 3600 };
    await request('first');
    await request('second', wanted);
    await client.post('/releaseStack', { stackName: 'test-1' });
    expect((await client.get('/stacks/test-1')).body.holder).toBe('api:second');
    if (asksAgain > 0) await request('second', wanted);
    w.clock.advance(w.deps.policy.ticketSeconds + 1);
    await sweep(w.deps);
    expect((await client.get('/stacks/test-1')).body.isAvailable).toBe(asksAgain === 0);
  });
});

describe('POST /reclaimStack', () => {
  it('takes an idle stack for the next in the queue', async () => {
    const { client, request } = await holdWorld();
    await request('first');
    await request('second', { wait: true });
    const { status, body } = await client.post('/reclaimStack', { stackName: 'test-1' });
    expect({ status, body }).toEqual({
      status: 200,
      body: { message: 'Stack test-1 reclaimed', cancelled: [] },
    });
    expect((await client.get('/stacks/test-1')).body.holder).toBe('api:second');
  });

  it('cancels the runs on it, and grants it when they have stopped', async () => {
    const { w, client, request } = await holdWorld();
    await request('deploy');
    await client.post('/workflow/execute', { ...aRequest, run_id: 'r', holder: 'deploy' });
    await w.settle();
    await request('second', { wait: true });
    const { body } = await client.post('/reclaimStack', { stackName: 'test-1' });
    expect(body.cancelled).toEqual(['r']);
    await w.settle();
    expect((await client.get('/stacks/test-1')).body.holder).toBe('api:deploy');

    const id = await storedId(client, 'r');
    const arn = w.tasks.arnOf(id, 1);
    expect(w.tasks.stopped.map((stop) => stop.arn)).toContain(arn);
    writeResult(w, id, { outcome: 'cancelled', exitCode: null });
    w.tasks.set(arn, { lastStatus: 'STOPPED', exitCode: 143 });
    await w.deps.enqueue(id);
    await w.settle();
    expect((await client.get('/workflow/r/status')).body.state).toBe('cancelled');
    expect((await client.get('/stacks/test-1')).body.holder).toBe('api:second');
  });

  it('takes only the named hold', async () => {
    const { client, request } = await holdWorld();
    await request('first');
    const stale = await client.post('/reclaimStack', { stackName: 'test-1', lockToken: 99 });
    expect(stale.body.code).toBe('stack_token_stale');
    expect((await client.get('/stacks/test-1')).body.holder).toBe('api:first');
  });

  it('is not an error for an available stack', async () => {
    const { client, request } = await holdWorld();
    await request('first');
    await client.post('/releaseStack', { stackName: 'test-1' });
    expect((await client.post('/reclaimStack', { stackName: 'test-1' })).status).toBe(200);
  });
});

describe('a dirty stack', () => {
  async function dirtyWorld() {
    const { w, client, request, project } = await holdWorld();
    const job = { ...aRequest, run_id: 'r', teardown: './destroy.sh' };
    expect((await client.post('/workflow/execute', job)).status).toBe(202);
    await w.settle();
    const end = async (id: Awaited<ReturnType<typeof storedId>>, exitCode: number) => {
      writeResult(w, id, exitCode === 0 ? {} : { outcome: 'failed', exitCode });
      w.tasks.set(w.tasks.arnOf(id), { lastStatus: 'STOPPED', exitCode });
      await w.deps.enqueue(id);
      await w.settle();
    };
    await end(await storedId(client, 'r'), 0);
    const endTeardown = async (exitCode: number) => {
      await w.settle();
      for (const { id } of await w.deps.store.runs.listActive(project.id)) await end(id, exitCode);
    };
    await endTeardown(1);
    return { client, request, endTeardown };
  }

  it('is shown as dirty and unavailable, until POST /cleanStack', async () => {
    const { client, request } = await dirtyWorld();
    const { body } = await client.get('/stacks/test-1');
    expect(stackSchema.parse(body)).toMatchObject({
      state: 'dirty',
      isAvailable: false,
      holder: null,
      dirty: { attempts: 1, reason: expect.any(String), retryAt: expect.any(String) },
    });
    expect((await request('me')).status).toBe(409);
    expect((await client.post('/deleteLastStack', {})).body.code).toBe('stack_dirty');
    const cleaned = await client.post('/cleanStack', { stackName: 'test-1' });
    expect(cleaned).toMatchObject({ status: 200, body: { state: 'clean', isAvailable: true, dirty: null } });
    expect((await client.post('/tearDownStack', { stackName: 'test-1' })).body.code).toBe('conflict');
    expect((await request('me')).status).toBe(200);
  });

  it('is torn down again by POST /tearDownStack', async () => {
    const { client, request, endTeardown } = await dirtyWorld();
    const started = await client.post('/tearDownStack', { stackName: 'test-1' });
    expect(started).toMatchObject({ status: 202, body: { state: 'dirty', heldBy: 'its teardown' } });
    expect((await client.post('/cleanStack', { stackName: 'test-1' })).body.code).toBe('stack_held');
    await endTeardown(0);
    expect((await client.get('/listStacks')).body.stacks).toMatchObject([{ state: 'clean', dirty: null }]);
    expect((await request('me')).status).toBe(200);
  });
});

describe('POST /reserveStack', () => {
  const reservation = { stackName: 'test-1', seconds: 7200, reason: 'demo for sales' };

  it('keeps a stack with its holder until the reservation ends', async () => {
    const { w, client, request } = await holdWorld();
    await request('me', { leaseSeconds: 60 });
    const { status, body } = await client.post('/reserveStack', reservation);
    expect(status).toBe(200);
    expect(body.reservation).toMatchObject({ reason: 'demo for sales', by: expect.any(String) });
    for (const route of ['/releaseStack', '/reclaimStack'])
      expect((await client.post(route, { stackName: 'test-1' })).body).toMatchObject({ code: 'stack_held' });
    w.clock.advance(7100);
    await sweep(w.deps);
    expect((await client.get('/listStacks')).body.stacks).toMatchObject([{ isAvailable: false }]);
    expect((await request('next')).status).toBe(409);
    w.clock.advance(101);
    expect((await request('next')).status).toBe(200);
  });

  it('keeps an available stack from everyone until it ends or POST /unreserveStack', async () => {
    const { w, client, request } = await holdWorld();
    await request('me');
    await client.post('/releaseStack', { stackName: 'test-1' });
    await client.post('/reserveStack', reservation);
    expect((await client.get('/listStacks')).body.stacks).toMatchObject([
      { isAvailable: false, holder: null, reservation: { reason: 'demo for sales' } },
    ]);
    expect((await request('next')).status).toBe(409);
    await client.post('/unreserveStack', { stackName: 'test-1' });
    expect((await request('next')).status).toBe(200);
    await client.post('/releaseStack', { stackName: 'test-1' });
    await client.post('/reserveStack', reservation);
    w.clock.advance(7201);
    await sweep(w.deps);
    const [stack] = (await client.get('/listStacks')).body.stacks;
    expect(stack).toMatchObject({ isAvailable: true, reservation: null });
    expect((await request('next')).status).toBe(200);
  });

  it.each([
    [{ stackName: 'test-1', seconds: 0, reason: 'x' }],
    [{ stackName: 'test-1', seconds: 31 * 86_400, reason: 'x' }],
    [{ stackName: 'test-1', seconds: 60, reason: '' }],
  ])('refuses %j', async (body) => {
    const { client, request } = await holdWorld();
    await request('me');
    expect((await client.post('/reserveStack', body)).status).toBe(400);
  });
});
