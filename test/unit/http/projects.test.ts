import { describe, expect, it } from '@jest/globals';
import { projectId } from '../../../app/core/model/ids.ts';
import { clientOf, httpWorld } from './http-world.ts';

describe('/projects', () => {
  it('lists the projects that the key may see', async () => {
    const w = httpWorld();
    const one = await w.shop({}, 'one');
    await w.shop({}, 'other');
    const all = await w.client(one.project, 'read', true);
    const names = async (client: typeof all) =>
      (await client.get('/projects')).body.projects.map((project: { name: string }) => project.name).sort();
    expect(await names(one.client)).toEqual(['one']);
    expect(await names(all)).toEqual(['one', 'other']);
  });

  it('creates a project, with an ID from its name', async () => {
    const w = httpWorld();
    const admin = await w.client(await w.project({}, 'home'), 'admin', true);
    const { status, body, headers } = await admin.post('/projects', {
      name: 'Café & Shop',
      settings: { maxStacks: 3 },
    });
    expect(status).toBe(201);
    expect(headers.get('Location')).toBe('/projects/cafe-shop');
    expect(body).toMatchObject({
      id: 'cafe-shop',
      name: 'Café & Shop',
      settings: { maxStacks: 3, prefix: 'test-' },
      github: null,
    });
    expect((await admin.get('/projects/cafe-shop')).body).toEqual(body);
    expect((await admin.get(`/projects/${encodeURIComponent('Café & Shop')}`)).body).toEqual(body);
  });

  it.each([
    [{ name: 'home' }, 409, 'project_exists'],
    [{ name: '!!!' }, 400, 'invalid_request'],
    [{ name: 'gh-12' }, 400, 'invalid_request'],
    [{}, 400, 'invalid_request'],
    [{ name: 'x', colour: 'red' }, 400, 'invalid_request'],
    [{ name: 'x', settings: { maxStack: 3 } }, 400, 'invalid_request'],
    [{ name: 'x', settings: { prefix: 'ends-in-1' } }, 400, 'invalid_request'],
  ])('refuses to create %j', async (body, status, code) => {
    const w = httpWorld();
    const admin = await w.client(await w.project({}, 'home'), 'admin', true);
    expect(await admin.post('/projects', body)).toMatchObject({ status, body: { code } });
  });

  it.each([
    ['admin', false],
    ['run', true],
  ] as const)('are not created with a key of the scope %s, for all projects: %p', async (scope, all) => {
    const w = httpWorld();
    const client = await w.client(await w.project(), scope, all);
    expect(await client.post('/projects', { name: 'new' })).toMatchObject({
      status: 403,
      body: { code: 'forbidden' },
    });
  });

  it('changes the given settings, keeps the rest, and resets null to the default', async () => {
    const w = httpWorld();
    const { client } = await w.shop({ maxStacks: 3, initialCommit: 'abc' });
    const changed = await client.send('PATCH', '/projects/demo', {
      name: 'Demo shop',
      settings: { maxActiveRuns: 5, maxStacks: null, initialCommit: null },
    });
    expect(changed).toMatchObject({
      status: 200,
      body: { id: 'demo', name: 'Demo shop', settings: { maxActiveRuns: 5 } },
    });
    expect(changed.body.settings).not.toHaveProperty('initialCommit');
    expect(changed.body.settings).not.toHaveProperty('maxStacks');
    expect((await client.get('/projects/demo')).body.settings).toEqual(changed.body.settings);
  });

  it.each([
    [{ settings: { maxStacks: -1 } }, 'maxStacks'],
    [{ settings: { colour: 'red' } }, 'colour'],
    [{ settings: { monthlyBudgetUsd: 2e-230 } }, 'monthlyBudgetUsd'],
    // An administrator of a project chooses no role of the AWS account.
    [{ settings: { taskRole: true } }, 'taskRole'],
    [{ settings: { taskRoleArn: 'arn:aws:iam::123456789012:role/x' } }, 'taskRoleArn'],
    [{ id: 'other' }, 'id'],
    [{ name: '' }, 'name'],
  ])('rejects the change %j', async (body, path) => {
    const { client } = await httpWorld().shop();
    expect(await client.send('PATCH', '/projects/demo', body)).toMatchObject({
      status: 400,
      body: { code: 'invalid_request', details: [{ path }] },
    });
  });

  it('accepts one of two parallel changes, and rejects the other', async () => {
    const { client } = await httpWorld().shop();
    const change = (maxStacks: number) => client.send('PATCH', '/projects/demo', { settings: { maxStacks } });
    const statuses = (await Promise.all([change(1), change(2)])).map(({ status }) => status);
    expect(statuses.sort()).toEqual([200, 409]);
  });
});

describe('/projects/:id/keys', () => {
  it('creates a key that works, shows it once, and stores only its hash', async () => {
    const w = httpWorld();
    const { client } = await w.shop();
    const made = await client.post('/projects/demo/keys', { name: 'nightly', scope: 'run' });
    expect(made).toMatchObject({
      status: 201,
      body: {
        id: expect.stringMatching(/^[0-9a-f]{12}$/),
        key: expect.stringMatching(/^berth_[0-9a-f]{12}_[\w-]{43}$/),
        name: 'nightly',
        scope: 'run',
        allProjects: false,
        revoked: null,
      },
    });
    const listed = await client.get('/projects/demo/keys');
    expect(listed.body.keys).toContainEqual(expect.objectContaining({ id: made.body.id, name: 'nightly' }));
    expect(JSON.stringify(listed.body)).not.toContain(made.body.key);
    const stored = JSON.stringify(await w.deps.store.projects.listKeys(projectId('demo')));
    expect(stored).not.toContain(made.body.key.split('_')[2]);
    expect((await clientOf(w.app, { 'X-API-Key': made.body.key }).get('/listStacks')).status).toBe(200);
  });

  it('replaces a key: the new one works immediately, the old one stops working', async () => {
    const w = httpWorld();
    const { client } = await w.shop();
    const old = (await client.post('/projects/demo/keys', { name: 'nightly', scope: 'run' })).body;
    const rotated = await client.post(`/projects/demo/keys/${old.id}/rotate`);
    expect(rotated).toMatchObject({ status: 201, body: { name: 'nightly', scope: 'run' } });
    expect((await clientOf(w.app, { 'X-API-Key': old.key }).get('/listStacks')).status).toBe(401);
    expect((await clientOf(w.app, { 'X-API-Key': rotated.body.key }).get('/listStacks')).status).toBe(200);
    expect(await client.post(`/projects/demo/keys/${old.id}/rotate`)).toMatchObject({
      status: 409,
      body: { code: 'conflict' },
    });
  });

  it('revokes a key, twice without an error', async () => {
    const w = httpWorld();
    const { client } = await w.shop();
    const { id, key } = (await client.post('/projects/demo/keys', { name: 'x', scope: 'run' })).body;
    for (let times = 0; times < 2; times += 1) {
      expect((await client.send('DELETE', `/projects/demo/keys/${id}`)).status).toBe(200);
    }
    expect((await clientOf(w.app, { 'X-API-Key': key }).get('/listStacks')).status).toBe(401);
    expect((await client.get('/projects/demo/keys')).body.keys).toContainEqual(
      expect.objectContaining({ id, revoked: '2026-01-01T00:00:00.000Z' }),
    );
  });

  it('knows no key of another project', async () => {
    const w = httpWorld();
    const one = await w.shop({}, 'one');
    const other = await w.shop({}, 'other');
    const { id } = (await one.client.post('/projects/one/keys', { name: 'x', scope: 'run' })).body;
    expect(await other.client.send('DELETE', `/projects/other/keys/${id}`)).toMatchObject({
      status: 404,
      body: { code: 'key_not_found' },
    });
    expect((await other.client.send('DELETE', `/projects/one/keys/${id}`)).status).toBe(404);
  });

  it('gives an administrator of one project no way to a key for all projects', async () => {
    const w = httpWorld();
    const { client, project } = await w.shop();
    const all = await w.client(project, 'admin', true);
    const wide = (await all.post('/projects/demo/keys', { name: 'all', scope: 'admin', allProjects: true }))
      .body;
    const refused = { status: 403, body: { code: 'forbidden' } };
    const path = `/projects/demo/keys/${wide.id}`;
    expect(
      await client.post('/projects/demo/keys', { name: 'x', scope: 'read', allProjects: true }),
    ).toMatchObject(refused);
    expect(await client.post(`${path}/rotate`)).toMatchObject(refused);
    expect(await client.send('DELETE', path)).toMatchObject(refused);
    expect((await all.post(`${path}/rotate`)).status).toBe(201);
  });

  it.each([[{}], [{ name: 'x' }], [{ name: 'x', scope: 'root' }], [{ name: 'x', scope: 'run', extra: 1 }]])(
    'refuses to create %j',
    async (body) => {
      const { client } = await httpWorld().shop();
      expect(await client.post('/projects/demo/keys', body)).toMatchObject({
        status: 400,
        body: { code: 'invalid_request' },
      });
    },
  );
});

describe('names that belong to repositories', () => {
  it('cannot be given to other projects', async () => {
    const w = httpWorld();
    const { client } = await w.shop({}, 'mine');
    const renamed = await client.send('PATCH', '/projects/mine', { name: 'octo-org/shop' });
    expect(renamed).toMatchObject({ status: 400, body: { code: 'invalid_request' } });
    const everywhere = await w.client(await w.project({}, 'first'), 'admin', true);
    expect((await everywhere.post('/projects', { name: 'octo-org/shop' })).status).toBe(400);
  });

  it('lead to the repository, and not to a project that 0.1.0 let take the name', async () => {
    const w = httpWorld();
    const squatter = await w.project({}, 'mine');
    const now = w.clock.now();
    await w.deps.store.projects.replace(squatter, {
      ...squatter,
      name: 'octo-org/shop',
      modified: new Date(+now + 1),
    });
    const { client } = { client: await w.client(await w.project({}, 'first'), 'admin', true) };
    expect((await client.get('/projects/octo-org%2Fshop')).status).toBe(404);
    const github = {
      repositoryId: 5,
      installationId: 1,
      owner: 'octo-org',
      name: 'shop',
      defaultBranch: 'main',
    };
    const real = await w.project({}, 'gh-5');
    await w.deps.store.projects.replace(real, {
      ...real,
      github,
      name: 'whatever',
      modified: new Date(+now + 1),
    });
    expect((await client.get('/projects/octo-org%2Fshop')).body.id).toBe('gh-5');
  });
});

it('a change of a setting that does not exist is refused, also to null', async () => {
  const { client } = await httpWorld().shop({}, 'shop');
  const settings = { maxTask: null, oidcTrust: [{ repository: 'a/b', workflows: 'x.yml' }], colour: 'red' };
  const { status, body } = await client.send('PATCH', '/projects/shop', { settings });
  expect([status, body.details]).toEqual([
    400,
    [
      { path: 'oidcTrust.0.workflows', message: 'is not a field of this request; did you mean workflow?' },
      { path: 'maxTask', message: 'is not a field of this request; did you mean maxTasks?' },
      { path: 'colour', message: 'is not a field of this request' },
    ],
  ]);
});
