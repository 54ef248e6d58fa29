import { describe, expect, it } from '@jest/globals';
import { newBranch } from '../../../app/core/model/branch.ts';
import { projectId } from '../../../app/core/model/ids.ts';
import { clientOf, httpWorld } from './http-world.ts';

/** The exact contract of the older stack orchestrator's clients: CONTRACTS, Stacks. */
describe('POST /requestStack', () => {
  it('returns a stack for a request without a body, for the branch main', async () => {
    const { client } = await httpWorld().shop();
    const { status, body } = await client.post('/requestStack');
    expect(status).toBe(200);
    expect(body).toEqual({ stackName: 'test-1', lockToken: 1, leaseUntil: null, isNew: true, holder: null });
    expect((await client.get('/listStacks')).body.stacks[0].branch).toBe('main');
  });

  it('reads JSON with any content type', async () => {
    const { client } = await httpWorld().shop();
    const body = JSON.stringify({ branch: 'topic' });
    await client.post('/requestStack', body, { 'Content-Type': 'application/x-www-form-urlencoded' });
    expect((await client.get('/listStacks')).body.stacks[0].branch).toBe('topic');
  });

  it("returns the last deployed commit, otherwise the project's initial commit, otherwise nothing", async () => {
    const w = httpWorld();
    const bare = await w.shop({}, 'bare');
    expect((await bare.client.post('/requestStack')).body).not.toHaveProperty('lastDeployedCommit');
    const { client } = await w.shop({ initialCommit: 'abc123' }, 'shop');
    expect((await client.post('/requestStack')).body.lastDeployedCommit).toBe('abc123');
    await client.post('/setLastDeployedCommit', { stackName: 'test-1', lastDeployedCommit: 'def456' });
    await client.post('/releaseStack', { stackName: 'test-1' });
    expect((await client.post('/requestStack')).body).toMatchObject({
      stackName: 'test-1',
      lastDeployedCommit: 'def456',
    });
  });

  it('names stacks by the prefix of the project', async () => {
    const { client } = await httpWorld().shop({ prefix: 'preview-' });
    expect((await client.post('/requestStack')).body.stackName).toBe('preview-1');
  });

  it('gives every request without a holder a separate stack', async () => {
    const { client } = await httpWorld().shop();
    await client.post('/requestStack', { branch: 'topic' });
    expect((await client.post('/requestStack', { branch: 'topic' })).body.stackName).toBe('test-2');
  });

  it('gives a repeated request of a holder the same stack and token', async () => {
    const { client } = await httpWorld().shop();
    const first = await client.post('/requestStack', { holder: 'deploy' });
    const second = await client.post('/requestStack', { holder: 'deploy' });
    expect(second.body).toEqual({ ...first.body, isNew: false });
  });

  it('returns 409 with a message and a position if no stack is available', async () => {
    const { client } = await httpWorld().shop({ maxStacks: 1 });
    await client.post('/requestStack');
    const { status, body } = await client.post('/requestStack');
    expect(status).toBe(409);
    expect(body).toMatchObject({ message: expect.any(String), position: 1, code: 'stack_none_free' });
  });

  it('gives a waiting client a position, and the stack when it is its turn', async () => {
    const w = httpWorld();
    const { client } = await w.shop({ maxStacks: 1 });
    await client.post('/requestStack', { branch: 'first' });
    const waiting = await client.post('/requestStack', { branch: 'second', wait: true });
    expect(waiting.status).toBe(202);
    expect(waiting.body).toMatchObject({
      message: expect.any(String),
      position: 1,
      holder: expect.any(String),
    });
    const again = { branch: 'second', wait: true, holder: waiting.body.holder };
    expect((await client.post('/requestStack', again)).status).toBe(202);
    await client.post('/releaseStack', { stackName: 'test-1' });
    expect(await client.post('/requestStack', again)).toMatchObject({
      status: 200,
      body: { stackName: 'test-1', holder: waiting.body.holder },
    });
  });

  it('releases the stack automatically when its lease expires', async () => {
    const w = httpWorld();
    const { client } = await w.shop({ maxStacks: 1 });
    const { body } = await client.post('/requestStack', { leaseSeconds: 60 });
    expect(body.leaseUntil).toBe('2026-01-01T00:01:00.000Z');
    w.clock.advance(61);
    expect((await client.get('/listStacks')).body.stacks[0]).toMatchObject({
      isAvailable: true,
      holder: null,
    });
    expect((await client.post('/requestStack')).body).toMatchObject({ stackName: 'test-1', lockToken: 2 });
  });
});

describe('POST /releaseStack', () => {
  it('returns the exact message, even for an available stack', async () => {
    const { client } = await httpWorld().shop();
    await client.post('/requestStack');
    for (let times = 0; times < 2; times += 1) {
      expect(await client.post('/releaseStack', { stackName: 'test-1' })).toMatchObject({
        status: 200,
        body: { message: 'Stack test-1 released' },
      });
    }
  });

  it('returns 409 for a token of an earlier hold, and keeps the current hold', async () => {
    const { client } = await httpWorld().shop();
    const first = await client.post('/requestStack');
    await client.post('/releaseStack', { stackName: 'test-1' });
    await client.post('/requestStack', { holder: 'next' });
    const late = await client.post('/releaseStack', { stackName: 'test-1', lockToken: first.body.lockToken });
    expect(late).toMatchObject({ status: 409, body: { code: 'stack_token_stale' } });
    expect((await client.get('/stacks/test-1')).body.holder).toBe('api:next');
  });

  it('returns 404 for an unknown stack', async () => {
    const { client } = await httpWorld().shop();
    expect(await client.post('/releaseStack', { stackName: 'test-1' })).toMatchObject({
      status: 404,
      body: { code: 'stack_not_found', message: expect.any(String) },
    });
  });
});

describe('POST /setLastDeployedCommit', () => {
  it('returns the exact message', async () => {
    const { client } = await httpWorld().shop();
    await client.post('/requestStack');
    const commit = { stackName: 'test-1', lastDeployedCommit: 'abc123' };
    expect(await client.post('/setLastDeployedCommit', commit)).toMatchObject({
      status: 200,
      body: { message: 'Last commit of stack test-1 updated' },
    });
    expect((await client.get('/stacks/test-1')).body.lastDeployedCommit).toBe('abc123');
  });

  it('rejects any other field by name', async () => {
    const { client } = await httpWorld().shop();
    const body = { stackName: 'test-1', lastDeployedCommit: 'abc123', branch: 'main' };
    expect(await client.post('/setLastDeployedCommit', body)).toMatchObject({
      status: 400,
      body: {
        message: 'Event object failed validation',
        details: [{ path: 'branch', message: 'is not a field of this request' }],
      },
    });
  });

  it('rejects a token of an earlier hold', async () => {
    const { client } = await httpWorld().shop();
    await client.post('/requestStack');
    const body = { stackName: 'test-1', lastDeployedCommit: 'abc123', lockToken: 99 };
    expect(await client.post('/setLastDeployedCommit', body)).toMatchObject({
      status: 409,
      body: { code: 'stack_token_stale' },
    });
  });
});

describe('GET /listStacks', () => {
  it('lists all stacks in the order of their numbers', async () => {
    const { client } = await httpWorld().shop({ maxStacks: 12 });
    for (let count = 0; count < 11; count += 1) await client.post('/requestStack');
    const { body } = await client.get('/listStacks');
    expect(body.stacks.map((stack: { stackName: string }) => stack.stackName)).toEqual(
      Array.from({ length: 11 }, (_, index) => `test-${index + 1}`),
    );
  });

  it('returns the documented fields of each stack, and its holder', async () => {
    const { client } = await httpWorld().shop();
    await client.post('/requestStack', { branch: 'topic', holder: 'deploy' });
    const now = '2026-01-01T00:00:00.000Z';
    expect((await client.get('/listStacks')).body.stacks).toEqual([
      {
        stackName: 'test-1',
        isAvailable: false,
        branch: 'topic',
        created: now,
        modified: now,
        entity: 'Stack',
        lastRequested: now,
        holder: 'api:deploy',
        heldBy: 'API client deploy',
        heldSince: now,
        leaseUntil: null,
        reclaimAt: null,
        lockToken: 1,
        activeRuns: [],
        state: 'clean',
        dirty: null,
        reservation: null,
        url: null,
        deployedAt: null,
        headCommit: null,
      },
    ]);
  });
});

describe('headCommit', () => {
  it("is the latest commit of the stack's branch while that is open in the project's repository", async () => {
    const w = httpWorld();
    const project = await w.project({}, 'site');
    const github = { repositoryId: 1, installationId: 2, owner: 'acme', name: 'site', defaultBranch: 'main' };
    await w.deps.store.projects.create({ ...project, id: projectId('repo-1'), name: 'acme/site', github });
    const add = (name: string, repositoryId: number, state: { isOpen: boolean; head: string }) => {
      const key = { projectId: projectId('repo-1'), repositoryId, name };
      const facts = { isTrusted: true, trigger: { kind: 'push' }, now: w.deps.clock.now() } as const;
      return w.deps.store.branches.save({ ...newBranch(key, facts), ...state });
    };
    await add('main', 1, { isOpen: true, head: 'aaa' });
    await add('closed', 1, { isOpen: false, head: 'bbb' });
    await add('of-fork', 3, { isOpen: true, head: 'ccc' });
    const client = clientOf(w.app, { 'X-API-Key': await w.key({ ...project, id: projectId('repo-1') }) });
    for (const branch of ['main', 'closed', 'of-fork', 'main'])
      await client.post('/requestStack', { branch });
    const { stacks } = (await client.get('/listStacks')).body;
    expect(stacks.map((stack: { headCommit: unknown }) => stack.headCommit)).toEqual([
      'aaa',
      null,
      null,
      'aaa',
    ]);
    expect((await client.get('/stacks/test-1')).body.headCommit).toBe('aaa');
    expect((await client.get('/stacks/test-2')).body.headCommit).toBeNull();
  });
});

describe('POST /deleteLastStack', () => {
  it('deletes the last stack, and reports if no stack exists', async () => {
    const { client } = await httpWorld().shop();
    await client.post('/requestStack');
    await client.post('/releaseStack', { stackName: 'test-1' });
    expect((await client.post('/deleteLastStack')).body).toEqual({ message: 'Stack test-1 deleted' });
    expect((await client.post('/deleteLastStack')).body).toEqual({ message: 'No more stack' });
  });

  it('returns 409 for a held stack', async () => {
    const { client } = await httpWorld().shop();
    await client.post('/requestStack');
    expect(await client.post('/deleteLastStack')).toMatchObject({
      status: 409,
      body: { code: 'stack_held' },
    });
  });
});

describe('GET /line', () => {
  it('lists waiting clients in order', async () => {
    const { client } = await httpWorld().shop({ maxStacks: 1 });
    await client.post('/requestStack');
    await client.post('/requestStack', { branch: 'one', wait: true, holder: 'one' });
    await client.post('/requestStack', { branch: 'two', wait: true, holder: 'two' });
    expect((await client.get('/line')).body).toMatchObject({
      total: 2,
      line: [
        { position: 1, holder: 'api:one', branch: 'one' },
        { position: 2, holder: 'api:two', branch: 'two' },
      ],
    });
  });
});

describe('stack routes', () => {
  it.each([
    ['/requestStack', { branch: 5 }, 'branch'],
    ['/requestStack', { leaseSeconds: 0 }, 'leaseSeconds'],
    ['/releaseStack', {}, 'stackName'],
    ['/releaseStack', { stackName: 'test-1', lockToken: 'x' }, 'lockToken'],
    ['/setLastDeployedCommit', { stackName: 'test-1' }, 'lastDeployedCommit'],
  ])('POST %s rejects %j with the path of the problem', async (path, body, wrong) => {
    const { client } = await httpWorld().shop();
    expect(await client.post(path, body)).toMatchObject({
      status: 400,
      body: {
        message: 'Event object failed validation',
        details: [{ path: wrong, message: expect.any(String) }],
      },
    });
  });

  it('hide the stacks of other projects', async () => {
    const w = httpWorld();
    const one = await w.shop({}, 'one');
    const other = await w.shop({}, 'other');
    await one.client.post('/requestStack');
    expect((await other.client.get('/listStacks')).body.stacks).toEqual([]);
    expect((await other.client.post('/releaseStack', { stackName: 'test-1' })).status).toBe(404);
    expect((await other.client.post('/deleteLastStack')).body).toEqual({ message: 'No more stack' });
  });

  it('return 401 without a key', async () => {
    expect(await clientOf(httpWorld().app).post('/requestStack')).toMatchObject({
      status: 401,
      body: { message: 'An API key is required.', code: 'unauthorized' },
    });
  });
});
