import { describe, expect, it } from '@jest/globals';
import { ended, outcomeWithoutResult } from '../../../app/core/model/run.ts';
import { stackHistorySchema } from '../../../app/http/schemas/stack.ts';
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
    await w.deps.store.runs.save(ended(run, 'succeeded', outcomeWithoutResult('Done.'), now), now);
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
