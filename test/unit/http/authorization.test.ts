import { beforeAll, describe, expect, it } from '@jest/globals';
import { verifyGrant } from '../../../app/adapters/files/signed-grant.ts';
import type { Scope } from '../../../app/core/model/project.ts';
import { routingPath } from '../../../app/http/add-endpoint.ts';
import { sessionTokens } from '../../../app/http/auth/session-token.ts';
import { httpLimits } from '../../../app/http/http-deps.ts';
import { fakeClock } from '../../helpers/memory-deps.ts';
import { type Answer, aRequest, type Client, clientOf, type HttpWorld, httpWorld } from './http-world.ts';

/**
 * The access that each route of the app requires. `public` routes answer everyone, `signed` ones only what a signature in the URL
 * allows; `everywhere` is the scope `admin` in all projects. A route that is not listed here fails this test.
 */
const requirements: Readonly<Record<string, Scope | 'public' | 'signed' | 'everywhere'>> = {
  'POST /workflow/execute': 'run',
  'POST /sources': 'run',
  'GET /workflow': 'read',
  'GET /workflow/{id}': 'read',
  'GET /workflow/{id}/status': 'read',
  'DELETE /workflow/{id}': 'run',
  'POST /workflow/{id}/retest': 'run',
  'POST /workflow/{id}/retest-failed': 'run',
  'GET /workflow/{id}/comparison': 'read',
  'GET /workflow/{id}/logs': 'read',
  'GET /workflow/{id}/report': 'read',
  'GET /workflow/{id}/tests': 'read',
  'GET /workflow/{id}/artifacts': 'read',
  'GET /workflow/{id}/artifacts.tar.gz': 'read',
  'GET /workflow/{id}/artifacts/{path+}': 'read',
  'GET /workflow/{id}/view/{path+}': 'read',
  'GET /workflow/{id}/uploads': 'signed',
  'POST /requestStack': 'run',
  'POST /releaseStack': 'run',
  'POST /setLastDeployedCommit': 'run',
  'POST /deleteLastStack': 'run',
  'GET /listStacks': 'read',
  'GET /stacks/{name}': 'read',
  'GET /stacks/{name}/history': 'read',
  'GET /line': 'read',
  'POST /extendLease': 'run',
  'POST /reclaimStack': 'run',
  'POST /cleanStack': 'run',
  'POST /tearDownStack': 'run',
  'POST /reserveStack': 'run',
  'POST /unreserveStack': 'run',
  'GET /projects': 'read',
  'POST /projects': 'everywhere',
  'GET /projects/{id}': 'read',
  'PATCH /projects/{id}': 'admin',
  'GET /projects/{id}/costs': 'read',
  'GET /projects/{id}/tests': 'read',
  'GET /projects/{id}/tests/history': 'read',
  'GET /projects/{id}/trends': 'read',
  'GET /projects/{id}/badge': 'read',
  'GET /projects/{id}/badge.svg': 'signed',
  'GET /projects/{id}/keys': 'admin',
  'POST /projects/{id}/keys': 'admin',
  'POST /projects/{id}/keys/{keyId}/rotate': 'admin',
  'DELETE /projects/{id}/keys/{keyId}': 'admin',
  'GET /events': 'read',
  'GET /session': 'read',
  'GET /session/ways': 'public',
  // The key is in the body.
  'POST /session': 'public',
  'DELETE /session': 'public',
  'GET /objects/{key+}': 'signed',
  'PUT /objects/{key+}': 'signed',
  'GET /healthz': 'public',
  'GET /readyz': 'public',
  'GET /openapi.json': 'public',
  // Pages, which are the same for everyone.
  'GET /': 'public',
  'GET /runs/{id}': 'public',
  'GET /stacks': 'public',
  'GET /tests': 'public',
  'GET /tests/history': 'public',
  'GET /trends': 'public',
  'GET /docs': 'public',
  'GET /assets/{name}': 'public',
  'GET /berths/{name}': 'public',
};

/** These answer what the caller may see, whatever project the request names. */
const ofCaller = ['GET /projects', 'GET /events', 'GET /session'];
const protectedRoutes = Object.keys(requirements).filter(
  (route) => !['public', 'signed'].includes(requirements[route] ?? 'public'),
);
const of = (...needed: readonly string[]) =>
  protectedRoutes.filter((route) => needed.includes(requirements[route] ?? ''));

let w: HttpWorld;
let shop: { readonly client: Client; readonly run: string; readonly keyId: string };
let foreign: Client;
let reader: Client;
let runner: Client;
let revoked: Client;

beforeAll(async () => {
  const signingKey = Buffer.alloc(32, 7);
  const clock = fakeClock();
  w = httpWorld({
    clock,
    // Callers without access are many here.
    limits: { ...httpLimits, failures: { burst: 1e6, perMinute: 1e6 } },
    dashboard: { tokens: sessionTokens(signingKey, clock), assets: async () => new Map() },
    objectServer: {
      verify: (request) => verifyGrant(signingKey, request, clock.now()),
      putStream: async () => {},
      onWritten: () => {},
    },
  });
  const { project, client } = await w.shop({}, 'shop');
  const { body: started } = await client.post('/workflow/execute', aRequest);
  const { body: minted } = await client.post('/projects/shop/keys', { name: 'ci', scope: 'run' });
  shop = { client, run: String(started.workflow_id), keyId: String(minted.id) };
  foreign = (await w.shop({}, 'other')).client;
  reader = await w.client(project, 'read');
  runner = await w.client(project, 'run');
  const { body: old } = await client.post('/projects/shop/keys', { name: 'old', scope: 'admin' });
  await client.send('DELETE', `/projects/shop/keys/${old.id}`);
  revoked = clientOf(w.app, { 'X-API-Key': String(old.key) });
});

/** Calls a route for the project `shop`. */
async function call(client: Client, route: string): Promise<Answer> {
  const [method = '', path = ''] = route.split(' ');
  const filled = path
    .replace('/workflow/{id}', `/workflow/${shop.run}`)
    .replace('{id}', 'shop')
    .replace('{keyId}', shop.keyId)
    .replace('{name}', 'test-1')
    .replace(/\{\w+\+\}/, 'a/b');
  const body = method === 'GET' ? undefined : {};
  const init = { method, headers: { 'X-Berth-Project': 'shop' }, ...(body && { body: '{}' }) };
  const response = await client.raw(filled, init);
  const isEvents = response.headers.get('content-type')?.startsWith('text/event-stream') === true;
  if (isEvents) await response.body?.cancel();
  return {
    status: response.status,
    headers: response.headers,
    body: isEvents ? undefined : await response.text(),
  };
}

describe('every route', () => {
  it('has a requirement in this list', () => {
    const known = Object.keys(requirements).map((route) => routingPath(route));
    const found = w.app.routes
      .filter(({ method }) => method !== 'ALL')
      .map(({ method, path }) => `${method} ${path}`);
    expect([...new Set(found)].sort()).toEqual(known.sort());
  });

  it.each(protectedRoutes)('%s refuses callers without a key', async (route) => {
    expect((await call(clientOf(w.app), route)).status).toBe(401);
  });

  it.each(protectedRoutes)('%s refuses a revoked key and an unknown one', async (route) => {
    expect((await call(revoked, route)).status).toBe(401);
    const unknown = clientOf(w.app, { 'X-API-Key': 'berth_000000000000_unknown' });
    expect((await call(unknown, route)).status).toBe(401);
    expect((await call(clientOf(w.app, { Authorization: 'Bearer a.b.c' }), route)).status).toBe(401);
    expect((await call(clientOf(w.app, { Cookie: 'berth_session=x' }), route)).status).toBe(401);
  });

  it.each(protectedRoutes.filter((route) => !ofCaller.includes(route)))(
    '%s shows an administrator of another project nothing',
    async (route) => {
      const { status, body } = await call(foreign, route);
      const isHidden = requirements[route] === 'everywhere' ? 403 : 404;
      expect({ status, isShop: body.includes(shop.run) && !route.includes('/workflow/') }).toEqual({
        status: isHidden,
        isShop: false,
      });
    },
  );

  it.each(ofCaller)('%s names no other project', async (route) => {
    const { status, body } = await call(foreign, route);
    expect(status === 200 || route === 'GET /events').toBe(true);
    expect(body ?? '').not.toContain('shop');
  });

  it.each(of('run', 'admin', 'everywhere'))('%s refuses a key that only reads', async (route) => {
    expect((await call(reader, route)).status).toBe(403);
  });

  it.each(of('admin', 'everywhere'))('%s refuses a key that only starts runs', async (route) => {
    expect((await call(runner, route)).status).toBe(403);
  });

  it.each(of('everywhere'))('%s refuses an administrator of one project', async (route) => {
    expect((await call(shop.client, route)).status).toBe(403);
  });

  it.each(of('read'))('%s accepts a key that reads', async (route) => {
    expect([401, 403]).not.toContain((await call(reader, route)).status);
  });

  it.each(Object.keys(requirements).filter((route) => requirements[route] === 'signed'))(
    '%s needs its signature, which no key replaces',
    async (route) => {
      for (const client of [clientOf(w.app), shop.client]) {
        const { status } = await call(client, route);
        expect([400, 403, 404]).toContain(status);
      }
    },
  );

  it('with another method is a 405 that names the methods', async () => {
    const { status, headers, body } = await shop.client.send('PUT', '/listStacks');
    expect([status, headers.get('Allow'), body.code]).toEqual([405, 'GET', 'method_not_allowed']);
    expect((await shop.client.send('POST', '/no/such')).status).toBe(404);
  });
});
