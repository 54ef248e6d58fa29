import { describe, expect, it } from '@jest/globals';
import { BerthError } from '../../../app/core/model/errors.ts';
import { projectId } from '../../../app/core/model/ids.ts';
import type { Authenticator } from '../../../app/http/auth/caller.ts';
import { aRequest, clientOf, httpWorld } from './http-world.ts';

describe('API keys', () => {
  it.each([
    ['unknown', 'berth_000000000000_unknown'],
    ['far too long', 'x'.repeat(5000)],
  ])('that are %s are rejected', async (_, key) => {
    const w = httpWorld();
    await w.shop();
    expect(await clientOf(w.app, { 'X-API-Key': key }).get('/listStacks')).toMatchObject({
      status: 401,
      body: { code: 'unauthorized', hint: expect.stringContaining('a new key') },
    });
  });

  it.each(['read', 'run', 'admin'] as const)(
    'with the scope %s allow that scope and lower ones',
    async (scope) => {
      const w = httpWorld();
      const { project } = await w.shop();
      const client = await w.client(project, scope);
      const statuses = {
        read: (await client.get('/workflow')).status,
        run: (await client.post('/workflow/execute', aRequest)).status,
        admin: (await client.get('/projects/demo/keys')).status,
      };
      expect(statuses).toEqual({
        read: 200,
        run: scope === 'read' ? 403 : 202,
        admin: scope === 'admin' ? 200 : 403,
      });
    },
  );

  it('without the scope get the required scope in the error, before anything else', async () => {
    const w = httpWorld();
    const { project } = await w.shop();
    const client = await w.client(project, 'read');
    expect(await client.post('/workflow/execute', 'no json')).toMatchObject({
      status: 403,
      body: { code: 'forbidden', error: 'This needs the scope run, and you have read here.' },
    });
  });

  it('of one project cannot name another, or detect that it exists', async () => {
    const w = httpWorld();
    await w.shop({}, 'one');
    const { client } = await w.shop({}, 'other');
    const one = await client.get('/listStacks', { 'X-Berth-Project': 'one' });
    const none = await client.get('/listStacks', { 'X-Berth-Project': 'two' });
    expect(one).toMatchObject({ status: 404, body: { code: 'project_not_found' } });
    expect(JSON.stringify(one.body).replace('one', 'two')).toBe(JSON.stringify(none.body));
    expect((await client.get('/projects/one')).status).toBe(404);
  });

  it('of all projects name one with the header or the query, by ID or name', async () => {
    const w = httpWorld();
    const home = await w.project({}, 'home');
    const client = await w.client(home, 'admin', true);
    const now = w.clock.now();
    await w.deps.store.projects.create({ ...home, id: projectId('gh-7'), name: 'Acme/Site', created: now });
    await client.post('/requestStack', {}, { 'X-Berth-Project': 'gh-7' });
    const stacksOf = async (path: string, headers = {}) =>
      (await client.get(path, headers)).body.stacks.length;
    expect(await stacksOf('/listStacks')).toBe(0);
    expect(await stacksOf('/listStacks?project=gh-7')).toBe(1);
    expect(await stacksOf('/listStacks?project=acme/site')).toBe(1);
    expect(await stacksOf('/listStacks', { 'X-Berth-Project': 'Acme/Site' })).toBe(1);
    expect((await client.get('/listStacks?project=nobody')).status).toBe(404);
  });
});

describe('other ways to authenticate', () => {
  const bearer: Authenticator = async (request) => {
    const token = request.headers.get('authorization');
    if (token === null) return undefined;
    if (token !== 'Bearer right') throw new BerthError('unauthorized', 'This token is not valid.');
    return {
      actor: 'octocat',
      rateKey: 'user:octocat',
      trigger: 'action',
      scopeIn: (id) => (id === projectId('demo') ? 'run' : undefined),
    };
  };

  it('are used without a key', async () => {
    const w = httpWorld({ authenticators: [bearer] });
    await w.shop();
    const client = clientOf(w.app, { Authorization: 'Bearer right', 'X-Berth-Project': 'demo' });
    const { body } = await client.post('/workflow/execute', aRequest);
    expect((await client.get(`/workflow/${body.workflow_id}`)).body.trigger).toEqual({
      kind: 'action',
      actor: 'octocat',
    });
    expect((await client.get('/projects/demo/keys')).status).toBe(403);
  });

  it('reject invalid credentials', async () => {
    const w = httpWorld({ authenticators: [bearer] });
    expect(await clientOf(w.app, { Authorization: 'Bearer wrong' }).get('/listStacks')).toMatchObject({
      status: 401,
      body: { message: 'This token is not valid.' },
    });
  });

  it('have to name a project where they have none of their own', async () => {
    const w = httpWorld({ authenticators: [bearer] });
    await w.shop();
    expect(await clientOf(w.app, { Authorization: 'Bearer right' }).get('/listStacks')).toMatchObject({
      status: 400,
      body: { message: 'The request names no project.' },
    });
  });
});

describe('every answer', () => {
  it('carries a request ID: the one that came with the request, or a new one', async () => {
    const { client } = await httpWorld().shop();
    expect((await client.get('/listStacks')).headers.get('X-Request-Id')).toMatch(/^id\d+$/);
    const named = await client.get('/nothing', { 'X-Request-Id': 'mine-1' });
    expect(named.headers.get('X-Request-Id')).toBe('mine-1');
    const hostile = await client.get('/nothing', { 'X-Request-Id': 'a b<script>' });
    expect(hostile.headers.get('X-Request-Id')).toMatch(/^id\d+$/);
  });

  it('is not cached, and has a fixed content type', async () => {
    const { client } = await httpWorld().shop();
    const { headers } = await client.get('/listStacks');
    expect(headers.get('Cache-Control')).toBe('no-store');
    expect(headers.get('X-Content-Type-Options')).toBe('nosniff');
  });

  it('of an internal error names only the request; the log has the reason', async () => {
    const logged: unknown[] = [];
    const w = httpWorld();
    const { client } = await w.shop();
    w.deps.log.error = (facts) => void logged.push(facts);
    w.deps.store.stacks.list = async () => {
      throw new Error('secret of the database');
    };
    const { status, body, headers } = await client.get('/listStacks');
    expect(status).toBe(500);
    expect(body).toEqual({
      message: 'Internal error in Berth.',
      code: 'internal',
      hint: `The reason is in the server's log, with the request ID ${headers.get('X-Request-Id')}.`,
    });
    expect(logged).toMatchObject([
      {
        requestId: headers.get('X-Request-Id'),
        path: '/listStacks',
        err: { message: 'secret of the database' },
      },
    ]);
  });

  it('to a client that disconnected is not logged', async () => {
    const logged: unknown[] = [];
    const w = httpWorld();
    const { client } = await w.shop();
    w.deps.log.error = (facts) => void logged.push(facts);
    const sender = new AbortController();
    const body = new ReadableStream({
      pull(controller) {
        sender.abort();
        controller.error(new Error('aborted'));
      },
    });
    const init = { method: 'POST', body, signal: sender.signal, duplex: 'half' } as RequestInit;
    expect((await client.raw('/requestStack', init)).status).toBe(400);
    expect(logged).toEqual([]);
  });

  it.each([
    ['/nothing', { message: 'There is no such route.' }],
    ['/workflow/a/b/c', { message: 'There is no such route.', error: 'There is no such route.' }],
  ])('to %s, which is not a route, is a 404', async (path, body) => {
    expect(await clientOf(httpWorld().app).get(path)).toMatchObject({
      status: 404,
      body: { ...body, code: 'not_found' },
    });
  });
});

describe('health', () => {
  it('needs no key', async () => {
    const client = clientOf(httpWorld().app);
    expect(await client.get('/healthz')).toMatchObject({
      status: 200,
      body: { status: 'ok', version: '1.2.3' },
    });
    expect(await client.get('/readyz')).toMatchObject({ status: 200, body: { status: 'ready' } });
  });

  it('is not ready if the store is unreachable', async () => {
    const w = httpWorld();
    w.deps.store.ping = async () => {
      throw new Error('unreachable');
    };
    expect(await clientOf(w.app).get('/readyz')).toMatchObject({
      status: 503,
      body: { status: 'unavailable' },
    });
  });
});
