import { describe, expect, it } from '@jest/globals';
import { runId } from '../../../app/core/model/ids.ts';
import { aRequest, httpWorld } from './http-world.ts';

describe('the body of POST /workflow/execute', () => {
  it('passes every field to the run', async () => {
    const w = httpWorld();
    const { client } = await w.shop();
    const sha = 'A'.repeat(40);
    const { body } = await client.post('/workflow/execute', {
      ...aRequest,
      sha,
      suite: 'unit',
      env: { NODE_ENV: 'test' },
      setup: 'npm ci',
      timeout_seconds: 60,
      cpu: 0.5,
      memory: 4096,
      image: 'registry.example/tests:1.4',
      junit: ['reports/**/*.xml'],
      artifacts: ['logs/*'],
      retries: 2,
      run_id: 'nightly-1',
    });
    expect(body.workflow_id).toBe('nightly-1');
    expect((await client.get('/workflow/nightly-1')).body).toMatchObject({
      workflow_id: 'nightly-1',
      project_id: 'demo',
      sha: sha.toLowerCase(),
      suite: 'unit',
      repo_url: aRequest.repo_url,
      branch: 'main',
      test_command: 'npm test',
      env: { NODE_ENV: 'test' },
      setup: 'npm ci',
      timeout_seconds: 60,
      cpu: 512,
      memory: 4096,
      image: 'registry.example/tests:1.4',
      retries: 2,
      trigger: { kind: 'api', actor: 'admin key' },
    });
  });

  it('has defaults for all but three fields', async () => {
    const { client } = await httpWorld().shop();
    const { body } = await client.post('/workflow/execute', aRequest);
    expect((await client.get(`/workflow/${body.workflow_id}`)).body).toMatchObject({
      suite: 'default',
      cpu: 1024,
      memory: 2048,
      timeout_seconds: 1800,
      retries: 0,
      env: {},
      sha: null,
    });
  });

  it('takes the caches of a suite, as .github/berth.yml does', async () => {
    const w = httpWorld();
    const { client } = await w.shop();
    const own = { name: 'browsers', key: 'package-lock.json', paths: ['~/.cache/ms-playwright'] };
    const { body } = await client.post('/workflow/execute', { ...aRequest, cache: ['npm', own] });
    const run = await w.deps.store.runs.get(runId(String(body.id)));
    expect(run?.spec.caches).toMatchObject([
      { name: 'npm', paths: ['~/.npm'] },
      { ...own, key: ['package-lock.json'] },
    ]);
    const unknown = await client.post('/workflow/execute', { ...aRequest, cache: 'nmp' });
    expect(JSON.stringify(unknown.body)).toContain('one of npm, pnpm');
    const refused = await client.post('/workflow/execute', {
      ...aRequest,
      cache: { key: 'a', paths: '../b' },
    });
    expect([refused.status, JSON.stringify(refused.body)]).toEqual([
      400,
      expect.stringContaining('without `..`'),
    ]);
  });

  it.each([
    [0.25, 256],
    [2, 2048],
    [16, 16_384],
    [256, 256],
    [512, 512],
    [4096, 4096],
  ])('accepts cpu %p as %p CPU units', async (cpu, units) => {
    const { client } = await httpWorld().shop();
    const { body } = await client.post('/workflow/execute', { ...aRequest, cpu });
    expect((await client.get(`/workflow/${body.workflow_id}`)).body.cpu).toBe(units);
  });

  it('lists unknown fields, which the older test runner ignored', async () => {
    const { client } = await httpWorld().shop();
    const { status, body } = await client.post('/workflow/execute', {
      ...aRequest,
      build_number: 5,
      event: 'x',
    });
    expect(status).toBe(202);
    expect(body.ignored_fields).toEqual(['build_number', 'event']);
  });

  it.each([
    ['timeout', 'timeout_seconds'],
    ['timout_seconds', 'timeout_seconds'],
    ['timeoutSeconds', 'timeout_seconds'],
    ['Timeout-Seconds', 'timeout_seconds'],
    ['command', 'test_command'],
    ['artifact', 'artifacts'],
    ['memmory', 'memory'],
    ['setUp', 'setup'],
    ['runId', 'run_id'],
    ['idempotencykey', 'idempotency_key'],
  ])('refuses %s, and names %s', async (typo, meant) => {
    const { client } = await httpWorld().shop();
    const { status, body } = await client.post('/workflow/execute', { ...aRequest, [typo]: 5 });
    expect(status).toBe(400);
    expect(body).toMatchObject({
      code: 'invalid_request',
      error: `${typo} is not a field of this request.`,
      hint: `Did you mean ${meant}?`,
    });
  });

  it.each([
    ['states=failed', 'states is not a field of this request.'],
    ['state=red', 'The request is not valid: state.0: must be one of queued, waiting, '],
    ['limit=0', 'The request is not valid: limit: must be at least 1.'],
  ])('refuses the query %s in plain words', async (query, message) => {
    const { client } = await httpWorld().shop();
    const { status, body } = await client.get(`/workflow?${query}`);
    expect(status).toBe(400);
    expect(body.message).toContain(message);
  });

  it('names the reason why the name of a variable is refused', async () => {
    const { client } = await httpWorld().shop();
    const { body } = await client.post('/workflow/execute', { ...aRequest, env: { 'A B': 'x' } });
    expect(body.details).toEqual([{ path: 'env.A B', message: 'must be a name of letters, digits and _' }]);
  });

  it('accepts a command with any shell characters unchanged', async () => {
    const w = httpWorld();
    const { client } = await w.shop();
    const test_command = `echo "$(id)" \`id\` ; rm -rf '/' && cat <<EOF | tee > /dev/null # \n\t\\ * ? [ ] { } ~ ! é 🚢`;
    await client.post('/workflow/execute', { ...aRequest, test_command });
    expect(w.tasks.launched[0]?.env.TEST_COMMAND).toBe(test_command);
  });

  it.each([
    ['repo_url', 5],
    ['branch', ['main']],
    ['test_command', 'x\0y'],
    ['test_command', '\ud800'],
    ['test_command', 'x'.repeat(32_769)],
    ['sha', 'main'],
    ['suite', 'a\nb'],
    ['stack', 5],
    ['env', { 'A=B': 'x' }],
    ['env', { BERTH_STACK: 'mine' }],
    ['env', { A: 5 }],
    ['env', { A: 'x\0y' }],
    ['env', ['A']],
    ['timeout_seconds', 0],
    ['timeout_seconds', 1.5],
    ['timeout_seconds', '60'],
    ['timeout_seconds', 1e9],
    ['cpu', 0],
    ['cpu', 100],
    ['cpu', 1e6],
    ['cpu', '2'],
    ['memory', 1],
    ['image', '--privileged'],
    ['image', 'a b'],
    ['run_id', ''],
    ['run_id', '../x'],
    ['run_id', 'é'],
    ['run_id', 'x'.repeat(129)],
    ['idempotency_key', ''],
    ['junit', 'reports'],
    ['artifacts', Array(51).fill('x')],
    ['retries', -1],
    ['retries', 100],
  ])('rejects %s of %j by name', async (field, value) => {
    const w = httpWorld();
    const { client } = await w.shop();
    const { status, body } = await client.post('/workflow/execute', { ...aRequest, [field]: value });
    expect(status).toBe(400);
    expect(body).toMatchObject({ code: 'invalid_request', error: expect.stringContaining(field) });
    expect(body.details[0].path.split('.')[0]).toBe(field);
    // Words of the library mean nothing to a client.
    expect(JSON.stringify(body)).not.toMatch(/Invalid input: |undefined|NaN/);
    expect(w.tasks.launched).toEqual([]);
  });

  it.each([
    [{ branch: '--upload-pack=touch /tmp/x' }, 'branch_invalid', 'branch'],
    [{ branch: '../../x' }, 'branch_invalid', 'branch'],
    [{ branch: 'main\nother' }, 'branch_invalid', 'branch'],
    [{ repo_url: 'file:///etc' }, 'url_not_allowed', 'repo_url'],
    [{ repo_url: 'http://169.254.169.254/latest/meta-data' }, 'url_not_allowed', 'repo_url'],
    [{ repo_url: 'ext::sh -c id' }, 'url_not_allowed', 'repo_url'],
    [{ repo_url: 'https://me:secret@github.com/acme/site' }, 'url_not_allowed', 'repo_url'],
  ])('rejects %j with the code %s', async (change, code, path) => {
    const w = httpWorld();
    const { client } = await w.shop();
    const { status, body } = await client.post('/workflow/execute', { ...aRequest, ...change });
    expect(status).toBe(400);
    expect(body).toMatchObject({ code, details: [{ path }] });
    expect(w.tasks.launched).toEqual([]);
  });

  it('clones only from the hosts that the project allows', async () => {
    const { client } = await httpWorld().shop({ allowedHosts: ['git.example.com'] });
    const repo_url = 'https://git.example.com/acme/site';
    expect((await client.post('/workflow/execute', aRequest)).body.code).toBe('url_not_allowed');
    expect((await client.post('/workflow/execute', { ...aRequest, repo_url })).status).toBe(202);
  });

  it("clones the project's own repository, whatever hosts it allows", async () => {
    const w = httpWorld();
    const { project, client } = await w.shop({ allowedHosts: ['git.example.com'] });
    const github = { repositoryId: 1, installationId: 2, owner: 'acme', name: 'site', defaultBranch: 'main' };
    await w.deps.store.projects.replace(project, { ...project, github });
    expect((await client.post('/workflow/execute', aRequest)).status).toBe(202);
  });

  it('clones from this machine only if the server allows it', async () => {
    const w = httpWorld({ cloneRules: { allowFileUrls: true, allowPrivateHosts: true } });
    const { client } = await w.shop();
    const repo_url = 'file:///srv/site';
    expect((await client.post('/workflow/execute', { ...aRequest, repo_url })).status).toBe(202);
    expect(w.tasks.launched[0]?.localRepository).toBe('/srv/site');
  });
});

describe('the stack of a workflow', () => {
  it('is held for the run by default if the project has stacks', async () => {
    const { client } = await httpWorld().shop();
    const { body } = await client.post('/workflow/execute', aRequest);
    expect(body.stack_name).toBe('test-1');
    expect((await client.get('/stacks/test-1')).body).toMatchObject({
      holder: `run:${body.workflow_id}`,
      activeRuns: [body.workflow_id],
    });
  });

  it('does not exist if the request says so, or the project has none', async () => {
    const w = httpWorld();
    const { client } = await w.shop();
    expect(
      (await client.post('/workflow/execute', { ...aRequest, stack: false })).body.stack_name,
    ).toBeNull();
    const bare = await w.shop({ maxStacks: 0 }, 'bare');
    expect((await bare.client.post('/workflow/execute', aRequest)).body.stack_name).toBeNull();
    expect((await bare.client.post('/workflow/execute', { ...aRequest, stack: true })).body).toMatchObject({
      code: 'invalid_request',
      details: [{ path: 'stack' }],
    });
  });

  it('is the one in the request', async () => {
    const { client } = await httpWorld().shop();
    await client.post('/requestStack', { holder: 'first' });
    await client.post('/requestStack', { holder: 'second' });
    await client.post('/releaseStack', { stackName: 'test-1' });
    await client.post('/releaseStack', { stackName: 'test-2' });
    const { body } = await client.post('/workflow/execute', { ...aRequest, stack: 'test-2' });
    expect(body.stack_name).toBe('test-2');
  });

  it.each(['test-9', 'other-1', 'nothing'])('cannot be %s, which does not exist', async (stack) => {
    const { client } = await httpWorld().shop();
    await client.post('/requestStack');
    expect(await client.post('/workflow/execute', { ...aRequest, stack })).toMatchObject({
      status: 404,
      body: { code: 'stack_not_found' },
    });
  });

  it('is that of the holder in the request, and stays with it', async () => {
    const w = httpWorld();
    const { client } = await w.shop();
    await client.post('/requestStack', { holder: 'deploy' });
    const { body } = await client.post('/workflow/execute', { ...aRequest, holder: 'deploy' });
    expect(body.stack_name).toBe('test-1');
    await client.send('DELETE', `/workflow/${body.workflow_id}`);
    await w.settle();
    w.tasks.set(w.tasks.arnOf(body.workflow_id), { lastStatus: 'STOPPED' });
    await w.deps.enqueue(body.workflow_id);
    await w.settle();
    expect((await client.get(`/workflow/${body.workflow_id}`)).body.state).toBe('cancelled');
    expect((await client.get('/stacks/test-1')).body).toMatchObject({ holder: 'api:deploy', activeRuns: [] });
  });
});

describe('a repeated request for a workflow', () => {
  it.each([[{ run_id: 'nightly' }], [{ idempotency_key: 'nightly' }]])(
    'with the same %j returns the same workflow',
    async (name) => {
      const w = httpWorld();
      const { client } = await w.shop();
      const first = await client.post('/workflow/execute', { ...aRequest, ...name });
      const second = await client.post('/workflow/execute', { ...aRequest, ...name });
      expect(second.status).toBe(202);
      expect(second.body.workflow_id).toBe(first.body.workflow_id);
      expect(w.tasks.launched).toHaveLength(1);
    },
  );

  it.each([
    [{ branch: 'other' }],
    [{ test_command: 'npm run other' }],
    [{ sha: 'a'.repeat(40) }],
    [{ env: { A: '1' } }],
    [{ stack: false }],
  ])('with the same key and %j is a conflict', async (change) => {
    const { client } = await httpWorld().shop();
    await client.post('/workflow/execute', { ...aRequest, idempotency_key: 'k' });
    const again = await client.post('/workflow/execute', { ...aRequest, idempotency_key: 'k', ...change });
    expect(again).toMatchObject({ status: 409, body: { code: 'conflict' } });
  });

  it('is another workflow in another project', async () => {
    const w = httpWorld();
    const one = await w.shop({}, 'one');
    const other = await w.shop({}, 'other');
    const body = { ...aRequest, idempotency_key: 'k' };
    const first = await one.client.post('/workflow/execute', body);
    const second = await other.client.post('/workflow/execute', body);
    expect(second.body.workflow_id).not.toBe(first.body.workflow_id);
  });

  it('starts one workflow for many parallel requests', async () => {
    const w = httpWorld();
    const { client } = await w.shop();
    const body = { ...aRequest, idempotency_key: 'k' };
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => client.post('/workflow/execute', body)),
    );
    expect(new Set(answers.map((answer) => answer.body.workflow_id)).size).toBe(1);
    expect(w.tasks.launched).toHaveLength(1);
  });
});
