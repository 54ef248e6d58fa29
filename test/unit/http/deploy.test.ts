import { describe, expect, it } from '@jest/globals';
import { projectId, runId } from '../../../app/core/model/ids.ts';
import { reconcileRun } from '../../../app/core/runs/reconcile-run.ts';
import { jobOf, writeResult } from '../../helpers/memory-deps.ts';
import { aRequest, type HttpWorld, httpWorld } from './http-world.ts';

const sha = 'a'.repeat(40);
const deploy = { command: './deploy.sh', url: 'https://{stack}.example.com', paths: ['src/**'] };

async function finish(
  w: HttpWorld,
  id: string,
  result: Parameters<typeof writeResult>[2] = {},
): Promise<void> {
  writeResult(w, runId(id), { sha, ...result });
  w.tasks.set(w.tasks.arnOf(id), { lastStatus: 'STOPPED', exitCode: result.exitCode ?? 0 });
  await reconcileRun(w.deps, runId(id));
  await w.settle();
}

describe('POST /workflow/execute with deploy', () => {
  it('deploys before the tests, which get the outputs', async () => {
    const { w, client } = await start();
    const { body } = await client.post('/workflow/execute', { ...aRequest, deploy, teardown: './remove.sh' });
    await w.settle();
    expect(body).toMatchObject({ state: 'waiting', waiting: { reason: 'deploy', deploy: 'deploy' } });
    const { deploy_id: deployId, workflow_id: id } = body;
    expect(jobOf(w, runId(deployId))).toMatchObject({
      command: './deploy.sh',
      stack: { name: 'test-1', isNew: true },
    });
    await finish(w, deployId, { outputs: { API_URL: 'https://api.example.com' } });
    expect((await client.get(`/workflow/${deployId}`)).body).toMatchObject({
      state: 'succeeded',
      outputs: { API_URL: 'https://api.example.com' },
      url: 'https://test-1.example.com',
      deployed: { commit: sha, reused: false },
      deploy: { paths: ['src/**'] },
    });
    expect((await client.get('/listStacks')).body.stacks).toMatchObject([
      {
        lastDeployedCommit: sha,
        deploys: [{ name: 'deploy', commit: sha, url: 'https://test-1.example.com', isUnfinished: false }],
      },
    ]);
    expect(jobOf(w, runId(id)).env).toMatchObject({
      API_URL: 'https://api.example.com',
      BERTH_URL: 'https://test-1.example.com',
    });
    await finish(w, id);
    expect((await client.get(`/workflow/${id}/status`)).body).toMatchObject({
      conclusion: 'success',
      outputs: { API_URL: 'https://api.example.com' },
      url: 'https://test-1.example.com',
    });
  });

  it('reuses what is deployed at the same commit, and deploys again with another command', async () => {
    const { w, client } = await start();
    const first = (await client.post('/workflow/execute', { ...aRequest, sha, deploy })).body;
    await w.settle();
    await finish(w, first.deploy_id);
    await finish(w, first.workflow_id);
    const second = (await client.post('/workflow/execute', { ...aRequest, sha, deploy })).body;
    await w.settle();
    expect((await client.get(`/workflow/${second.deploy_id}`)).body).toMatchObject({
      state: 'skipped',
      deployed: { commit: sha, reused: true },
    });
    await finish(w, second.workflow_id);
    const other = { ...deploy, command: './other.sh' };
    const third = (await client.post('/workflow/execute', { ...aRequest, sha, deploy: other })).body;
    await w.settle();
    expect(jobOf(w, runId(third.deploy_id)).stack?.lastDeployedCommit).toBe(sha);
  });

  it('refuses a repeated request with another deployment', async () => {
    const { w, client } = await start();
    const request = { ...aRequest, sha, deploy, idempotency_key: 'once' };
    const first = (await client.post('/workflow/execute', request)).body;
    await w.settle();
    expect((await client.post('/workflow/execute', request)).body.deploy_id).toBe(first.deploy_id);
    const other = { ...request, deploy: { ...deploy, command: './other.sh' } };
    const { status, body } = await client.post('/workflow/execute', other);
    expect([status, body.code]).toEqual([409, 'conflict']);
  });

  it('does not test what could not be deployed, and tries both again on request', async () => {
    const { w, client } = await start();
    const { body } = await client.post('/workflow/execute', { ...aRequest, sha, deploy });
    await w.settle();
    await finish(w, body.deploy_id, { outcome: 'failed', exitCode: 1 });
    expect((await client.get(`/workflow/${body.workflow_id}`)).body).toMatchObject({
      state: 'errored',
      error_code: 'deploy_failed',
      conclusion: 'error',
    });
    expect((await client.get('/listStacks')).body.stacks).toMatchObject([{ isAvailable: true }]);
    w.clock.advance(5);
    const again = (await client.post(`/workflow/${body.workflow_id}/retest`, {})).body;
    await w.settle();
    const launched = w.tasks.launched.at(-1);
    expect(launched?.env.TEST_COMMAND).toBe('./deploy.sh');
    await finish(w, launched?.runId ?? '');
    await finish(w, again.workflow_id);
    expect((await client.get(`/workflow/${again.workflow_id}/status`)).body.conclusion).toBe('success');
  });

  it('uses the role and the options of the teardown, which need a stack', async () => {
    const { w, client } = await start();
    const role = 'arn:aws:iam::123456789012:role/deploy/shop';
    const teardown = { command: './remove.sh', on_failure: 'release', timeout_seconds: 60, retries: 0 };
    const { body } = await client.post('/workflow/execute', { ...aRequest, sha, deploy, role, teardown });
    await w.settle();
    const specOf = async (id: string) => (await w.deps.store.runs.get(runId(id)))?.spec;
    expect(await specOf(body.deploy_id)).toMatchObject({ role });
    expect(await specOf(body.deploy_id)).not.toHaveProperty('teardownOptions');
    await finish(w, body.deploy_id);
    await finish(w, body.workflow_id);
    const launched = w.tasks.launched.at(-1)?.runId ?? '';
    expect(await specOf(launched)).toMatchObject({ command: './remove.sh', role, timeoutSeconds: 60 });
    await finish(w, launched, { outcome: 'failed', exitCode: 1 });
    expect((await client.get('/listStacks')).body.stacks).toMatchObject([{ isAvailable: true, dirty: null }]);
    for (const field of [{ role }, { teardown }]) {
      const refused = await client.post('/workflow/execute', { ...aRequest, stack: false, ...field });
      expect(refused.status).toBe(400);
      expect(refused.body.details).toMatchObject([{ path: Object.keys(field)[0], message: 'needs a stack' }]);
    }
  });

  it('is canceled with its tests', async () => {
    const { w, client } = await start();
    const { body } = await client.post('/workflow/execute', { ...aRequest, deploy });
    await w.settle();
    await client.send('DELETE', `/workflow/${body.workflow_id}`);
    await w.settle();
    const running = await w.deps.store.runs.get(runId(body.deploy_id));
    expect(running?.cancel?.reason).toBe('The tests that it was for have ended.');
    await finish(w, body.deploy_id, { outcome: 'cancelled', exitCode: null });
    expect((await client.get('/listStacks')).body.stacks).toMatchObject([
      { isAvailable: true, deploys: [{ commit: null, isUnfinished: true }] },
    ]);
  });

  it('needs a stack', async () => {
    const { client } = await start();
    const answer = await client.post('/workflow/execute', { ...aRequest, deploy, stack: false });
    expect(answer).toMatchObject({ status: 400, body: { code: 'invalid_request' } });
  });

  it('is one for a repeated request', async () => {
    const { w, client } = await start();
    const request = { ...aRequest, deploy, idempotency_key: 'k' };
    const first = (await client.post('/workflow/execute', request)).body;
    const second = (await client.post('/workflow/execute', request)).body;
    await w.settle();
    expect([second.workflow_id, second.deploy_id]).toEqual([first.workflow_id, first.deploy_id]);
    expect(w.tasks.launched).toHaveLength(1);
  });
});

describe('a server that dies between a deployment and its record', () => {
  it.each([
    ['before the record on the stack', 'stacks'],
    ['between the stack and the run', 'runs'],
  ] as const)('reads the result later: %s', async (_, part) => {
    const { w, client } = await start();
    const { body } = await client.post('/workflow/execute', { ...aRequest, sha, deploy });
    await w.settle();
    const id = runId(body.deploy_id);
    writeResult(w, id, { sha });
    w.tasks.set(w.tasks.arnOf(id), { lastStatus: 'STOPPED', exitCode: 0 });
    const dies = { save: () => Promise.reject(new Error('killed')) };
    const store = { ...w.deps.store, [part]: { ...w.deps.store[part], ...dies } };
    await expect(reconcileRun({ ...w.deps, store }, id)).rejects.toThrow('killed');
    expect((await client.get(`/workflow/${id}`)).body.deployed).toBeNull();

    await reconcileRun(w.deps, id);
    await w.settle();
    expect((await client.get(`/workflow/${id}`)).body.deployed).toMatchObject({ commit: sha });
    expect((await client.get('/listStacks')).body.stacks).toMatchObject([
      { lastDeployedCommit: sha, deploys: [{ commit: sha, isUnfinished: false }] },
    ]);
    expect(w.tasks.launched.map(({ env }) => env.TEST_COMMAND)).toEqual([
      './deploy.sh',
      aRequest.test_command,
    ]);
  });

  it('deploys again if the result is lost', async () => {
    const { w, client } = await start();
    const first = (await client.post('/workflow/execute', { ...aRequest, sha, deploy })).body;
    await w.settle();
    await finish(w, first.deploy_id);
    await finish(w, first.workflow_id);
    const other = 'b'.repeat(40);
    const second = (await client.post('/workflow/execute', { ...aRequest, sha: other, deploy })).body;
    await w.settle();
    const id = runId(second.deploy_id);
    w.tasks.lose(w.tasks.arnOf(id));
    await reconcileRun(w.deps, id);
    w.clock.advance(60);
    await reconcileRun(w.deps, id);
    await w.settle();
    expect((await client.get(`/workflow/${id}`)).body).toMatchObject({ state: 'errored', deployed: null });
    // The first commit was deployed before, and may be half replaced.
    const third = (await client.post('/workflow/execute', { ...aRequest, sha, deploy })).body;
    await w.settle();
    expect(jobOf(w, runId(third.deploy_id)).stack?.lastDeployedCommit).toBe(sha);
    expect(w.tasks.launched.at(-1)?.env.TEST_COMMAND).toBe('./deploy.sh');
  });

  it('does not record a deployment whose hold has ended', async () => {
    const { w, client } = await start();
    const { body } = await client.post('/workflow/execute', { ...aRequest, sha, deploy });
    await w.settle();
    const id = runId(body.deploy_id);
    const run = await w.deps.store.runs.get(id);
    const [stack] = await w.deps.store.stacks.list(run?.projectId ?? projectId(''));
    if (stack === undefined) throw new Error('no stack');
    await w.deps.store.stacks.save({ ...stack, token: stack.token + 1 }, stack);
    await finish(w, id);
    expect((await client.get(`/workflow/${id}`)).body).toMatchObject({
      state: 'errored',
      error_code: 'stack_token_stale',
    });
    expect((await client.get(`/workflow/${body.workflow_id}`)).body.error_code).toBe('deploy_failed');
  });
});

/** A project with stacks, and a client with its key. */
async function start() {
  const w = httpWorld();
  const { client } = await w.shop();
  return { w, client };
}
