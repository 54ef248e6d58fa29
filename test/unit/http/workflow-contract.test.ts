import { describe, expect, it } from '@jest/globals';
import { BerthError } from '../../../app/core/model/errors.ts';
import { runId } from '../../../app/core/model/ids.ts';
import { writeResult } from '../../helpers/memory-deps.ts';
import { aRequest, clientOf, type HttpWorld, httpWorld } from './http-world.ts';

/** The exact contract of the older test runner's clients: CONTRACTS, Workflows. */
describe('POST /workflow/execute', () => {
  it('returns 202 with the exact message, the ID, and the launched task', async () => {
    const w = httpWorld();
    const { client } = await w.shop();
    const { status, body } = await client.post('/workflow/execute', aRequest);
    expect(status).toBe(202);
    expect(body).toMatchObject({
      message: 'Workflow execution started successfully.',
      task_arn: w.tasks.arnOf(body.workflow_id),
    });
  });

  it('returns 202 with a null task if the launch takes longer than the request', async () => {
    const w = httpWorld({ waitForLaunch: async () => {} });
    const { client } = await w.shop();
    const { status, body } = await client.post('/workflow/execute', aRequest);
    expect(status).toBe(202);
    expect(body).toMatchObject({ task_arn: null, state: 'queued' });
  });

  it.each([
    [{}],
    [{ repo_url: aRequest.repo_url, branch: 'main' }],
    [{ ...aRequest, test_command: '' }],
    [{ ...aRequest, branch: null }],
    [[]],
    ['null'],
    [''],
  ])('returns 400 with the exact text for the body %j', async (body) => {
    const { client } = await httpWorld().shop();
    const answer = await client.post('/workflow/execute', body);
    expect(answer.status).toBe(400);
    expect(answer.body.error).toBe('Missing required parameters: repo_url, branch, test_command');
  });

  it('returns 500 "Failed to start Fargate task." with details if the launch fails within the request', async () => {
    const w = httpWorld();
    const { client } = await w.shop();
    w.tasks.executor.launch = async () => {
      throw new BerthError('launch_failed', 'No capacity.', { hint: 'Try another region.' });
    };
    const { status, body } = await client.post('/workflow/execute', aRequest);
    expect(status).toBe(500);
    expect(body).toMatchObject({
      error: 'Failed to start Fargate task.',
      details: 'No capacity. Try another region.',
      workflow_id: expect.any(String),
    });
  });

  it('returns 500 "Failed to execute workflow." if Berth fails, without the reason', async () => {
    const w = httpWorld();
    const { client } = await w.shop();
    w.deps.store.runs.create = async () => {
      throw new Error('secret of the database');
    };
    const { status, body } = await client.post('/workflow/execute', aRequest);
    expect(status).toBe(500);
    expect(body.error).toBe('Failed to execute workflow.');
    expect(body.details).toContain('request ID');
    expect(JSON.stringify(body)).not.toContain('secret');
  });

  it('gives the container REPO_URL, BRANCH and TEST_COMMAND', async () => {
    const w = httpWorld();
    const { client } = await w.shop();
    await client.post('/workflow/execute', aRequest);
    expect(w.tasks.launched[0]?.env).toMatchObject({
      REPO_URL: aRequest.repo_url,
      BRANCH: aRequest.branch,
      TEST_COMMAND: aRequest.test_command,
    });
  });
});

describe('GET /workflow/:id/status', () => {
  it('uses ECS states while the workflow runs', async () => {
    const w = httpWorld();
    const { client, id } = await started(w);
    w.tasks.set(w.tasks.arnOf(id), { lastStatus: 'RUNNING', startedAt: w.clock.now() });
    await look(w, id);
    const { status, body } = await client.get(`/workflow/${id}/status`);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      workflow_id: id,
      status: 'RUNNING',
      desired_status: 'RUNNING',
      created_at: '2026-01-01T00:00:00.000Z',
      stopped_at: null,
      stopped_reason: null,
      state: 'running',
      exit_code: null,
      conclusion: null,
      stack_name: 'test-1',
      logs_url: `http://berth.test/workflow/${id}/logs`,
      report_url: null,
      tests: null,
    });
  });

  it('returns STOPPED, the exit code, and the tests after the workflow has ended', async () => {
    const w = httpWorld();
    const { client, id } = await started(w);
    w.clock.advance(60);
    writeResult(w, id, {
      outcome: 'failed',
      exitCode: 1,
      tests: { total: 5, passed: 3, failed: 1, skipped: 1, durationSeconds: 2.5 },
    });
    w.tasks.set(w.tasks.arnOf(id), {
      lastStatus: 'STOPPED',
      stoppedAt: w.clock.now(),
      stoppedReason: 'Essential container in task exited',
      exitCode: 1,
    });
    await look(w, id);
    const { body } = await client.get(`/workflow/${id}/status`);
    expect(body).toMatchObject({
      status: 'STOPPED',
      desired_status: 'STOPPED',
      stopped_at: '2026-01-01T00:01:00.000Z',
      stopped_reason: 'Essential container in task exited',
      state: 'failed',
      exit_code: 1,
      conclusion: 'failure',
      tests: { total: 5, passed: 3, failed: 1, skipped: 1 },
      report_url: `http://berth.test/${id}`,
    });
  });

  it('uses ECS states for a workflow that waits for a stack', async () => {
    const w = httpWorld();
    const { client } = await w.shop({ maxStacks: 1 });
    await client.post('/workflow/execute', aRequest);
    const second = await client.post('/workflow/execute', { ...aRequest, branch: 'other' });
    const { body } = await client.get(`/workflow/${second.body.workflow_id}/status`);
    expect(body).toMatchObject({
      status: 'PROVISIONING',
      desired_status: 'RUNNING',
      state: 'waiting',
      waiting: { reason: 'line', position: 1 },
    });
  });

  it('returns 404 "Workflow not found." for an unknown ID', async () => {
    const { client } = await httpWorld().shop();
    const { status, body } = await client.get('/workflow/nobody/status');
    expect(status).toBe(404);
    expect(body.error).toBe('Workflow not found.');
  });
});

describe('DELETE /workflow/:id', () => {
  it('returns 200 with the exact message, and the workflow stays readable', async () => {
    const w = httpWorld();
    const { client, id } = await started(w);
    const answer = await client.send('DELETE', `/workflow/${id}`);
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({ message: 'Workflow cancellation request sent.' });
    const { body } = await client.get(`/workflow/${id}/status`);
    expect(body).toMatchObject({ status: 'PENDING', desired_status: 'STOPPED' });
  });

  it('stops the task with the exact reason', async () => {
    const w = httpWorld();
    const { client, id } = await started(w);
    await client.send('DELETE', `/workflow/${id}`);
    await w.settle();
    expect(w.tasks.stopped).toEqual([
      { arn: w.tasks.arnOf(id), reason: 'Workflow cancelled by API request.' },
    ]);
  });

  it('is not an error if it is repeated', async () => {
    const w = httpWorld();
    const { client, id } = await started(w);
    await client.send('DELETE', `/workflow/${id}`);
    expect((await client.send('DELETE', `/workflow/${id}`)).status).toBe(200);
  });

  it('returns 409 for a workflow that has ended', async () => {
    const w = httpWorld();
    const { client, id } = await started(w);
    await end(w, id);
    const { status, body } = await client.send('DELETE', `/workflow/${id}`);
    expect(status).toBe(409);
    expect(body).toMatchObject({ error: 'The workflow has already ended.', code: 'run_ended' });
  });

  it('returns 404 "Workflow not found." for an unknown ID', async () => {
    const { client } = await httpWorld().shop();
    const { status, body } = await client.send('DELETE', '/workflow/nobody');
    expect(status).toBe(404);
    expect(body.error).toBe('Workflow not found.');
  });

  it('returns 500 "Failed to stop workflow." if Berth fails', async () => {
    const w = httpWorld();
    const { client, id } = await started(w);
    w.deps.store.runs.save = async () => {
      throw new Error('broken');
    };
    const { status, body } = await client.send('DELETE', `/workflow/${id}`);
    expect(status).toBe(500);
    expect(body.error).toBe('Failed to stop workflow.');
  });
});

describe('workflow routes without a key', () => {
  it.each([
    ['POST', '/workflow/execute'],
    ['GET', '/workflow/some/status'],
    ['DELETE', '/workflow/some'],
  ])('%s %s returns 401 with the message as error', async (method, path) => {
    const { status, body } = await clientOf(httpWorld().app).send(method, path);
    expect(status).toBe(401);
    expect(body).toMatchObject({ error: 'An API key is required.', code: 'unauthorized' });
  });
});

async function started(w: HttpWorld) {
  const shop = await w.shop();
  const { body } = await shop.client.post('/workflow/execute', aRequest);
  return { ...shop, id: runId(body.workflow_id) };
}

/** Someone looks at the run. */
async function look(w: HttpWorld, id: ReturnType<typeof runId>): Promise<void> {
  await w.deps.enqueue(id);
  await w.settle();
}

async function end(w: HttpWorld, id: ReturnType<typeof runId>): Promise<void> {
  writeResult(w, id);
  w.tasks.set(w.tasks.arnOf(id), { lastStatus: 'STOPPED', stoppedAt: w.clock.now(), exitCode: 0 });
  await look(w, id);
}
