import { describe, expect, it } from '@jest/globals';
import { runId } from '../../../app/core/model/ids.ts';
import type { Project } from '../../../app/core/model/project.ts';
import type { Run, RunSpec } from '../../../app/core/model/run.ts';
import { workflowListSchema, workflowSchema } from '../../../app/http/schemas/workflow.ts';
import { workflowStatusSchema } from '../../../app/http/schemas/workflow-status.ts';
import { aRun } from '../../helpers/a-run.ts';
import { aRequest, type HttpWorld, httpWorld } from './http-world.ts';

type IdOnly = { workflow_id: string };
const idsOf = (workflows: IdOnly[]) => workflows.map(({ workflow_id }) => workflow_id);

/** A run that is in the store, as any trigger may have put it there. */
async function stored(
  w: HttpWorld,
  project: Project,
  { id, ...change }: Partial<Omit<Run, 'id'>> & { id: string },
  spec: Partial<RunSpec> = {},
): Promise<void> {
  await w.deps.store.runs.create(aRun({ ...change, id: runId(id), projectId: project.id }, spec));
}

const ended: Partial<Run> = {
  state: 'failed',
  startedAt: new Date('2026-11-02T10:00:05Z'),
  finishedAt: new Date('2026-11-02T10:01:00Z'),
  settledAt: new Date('2026-11-02T10:01:01Z'),
  held: { stackName: 'test-1', token: 7, isNew: false, lastDeployedCommit: 'abc' },
  launches: 1,
  task: { executor: 'docker', arn: 'arn:task' },
  taskStatus: { arn: 'arn:task', lastStatus: 'STOPPED', desiredStatus: 'STOPPED', exitCode: 1 },
  phases: [{ name: 'fetch', startedAt: '2026-11-02T10:00:05Z', finishedAt: '2026-11-02T10:00:07Z' }],
  outcome: {
    exitCode: 1,
    summary: '1 of 2 tests failed.',
    tests: { total: 2, passed: 1, failed: 1, skipped: 0, durationSeconds: 1.5 },
    failures: [{ name: 'adds', group: 'sum', file: 'sum.test.js', line: 3, message: 'expected 3' }],
    warnings: [{ code: 'junit_malformed', message: 'a.xml' }],
    artifacts: [{ path: 'out/größe 1.txt', sizeBytes: 12, isReport: false }],
    logTail: ['last line'],
    hasReport: true,
    costUsd: 0.0012,
  },
};

describe('GET /workflow', () => {
  it('lists the workflows of the project, the newest first, in pages', async () => {
    const w = httpWorld();
    const { client } = await w.shop();
    for (const run_id of ['a', 'b', 'c', 'd', 'e']) {
      await client.post('/workflow/execute', { ...aRequest, run_id });
      w.clock.advance(1);
    }
    const first = await client.get('/workflow?limit=3');
    const second = await client.get(`/workflow?limit=3&cursor=${encodeURIComponent(first.body.cursor)}`);
    expect(idsOf(first.body.workflows)).toEqual(['e', 'd', 'c']);
    expect(idsOf(second.body.workflows)).toEqual(['b', 'a']);
    expect(second.body.cursor).toBeNull();
  });

  it.each([
    ['branch=topic', ['b']],
    ['suite=e2e', ['c']],
    ['state=failed', ['a']],
    ['state=failed&state=waiting', ['c', 'a']],
    [`sha=${'f'.repeat(40)}`, ['b']],
    ['actor=kim', ['c']],
    ['text=playwright', ['c']],
    ['branch=main&suite=unit', ['a']],
    ['branch=none', []],
  ])('filters by %s', async (query, expected) => {
    const w = httpWorld();
    const { client, project } = await w.shop();
    const at = (seconds: number) => ({ createdAt: new Date(Date.UTC(2026, 0, 1, 0, 0, seconds)) });
    await stored(w, project, { id: 'a', state: 'failed', ...at(1) }, { branch: 'main' });
    await stored(w, project, { id: 'b', sha: 'f'.repeat(40), ...at(2) }, { branch: 'topic' });
    await stored(
      w,
      project,
      { id: 'c', state: 'waiting', trigger: { kind: 'comment', actor: 'kim' }, ...at(3) },
      { branch: 'main', suite: 'e2e', command: 'playwright test' },
    );
    const { body } = await client.get(`/workflow?${query}`);
    expect(idsOf(body.workflows)).toEqual(expected);
  });

  it.each(['state=nothing', 'limit=0', 'limit=1000', 'cursor='])('rejects %s', async (query) => {
    const { client } = await httpWorld().shop();
    expect(await client.get(`/workflow?${query}`)).toMatchObject({
      status: 400,
      body: { code: 'invalid_request', error: expect.any(String) },
    });
  });

  it('rejects a foreign cursor', async () => {
    const { client } = await httpWorld().shop();
    expect(await client.get('/workflow?cursor=nonsense')).toMatchObject({
      status: 400,
      body: { code: 'cursor_invalid' },
    });
  });
});

describe('GET /workflow/:id', () => {
  it('shows everything about a workflow that has ended', async () => {
    const w = httpWorld();
    const { client, project } = await w.shop();
    await stored(w, project, { id: 'r', ...ended });
    const { body } = await client.get('/workflow/r');
    expect(body).toMatchObject({
      workflow_id: 'r',
      state: 'failed',
      conclusion: 'failure',
      summary: '1 of 2 tests failed.',
      started_at: '2026-11-02T10:00:05.000Z',
      stopped_at: '2026-11-02T10:01:00.000Z',
      stack_name: 'test-1',
      stack: null,
      executor: 'docker',
      phases: [{ name: 'fetch', started_at: '2026-11-02T10:00:05Z', finished_at: '2026-11-02T10:00:07Z' }],
      tests: { total: 2, passed: 1, failed: 1, skipped: 0, duration_seconds: 1.5 },
      failures: [
        { name: 'adds', group: 'sum', file: 'sum.test.js', line: 3, message: 'expected 3', details: null },
      ],
      warnings: [{ code: 'junit_malformed', message: 'a.xml' }],
      artifacts: [
        {
          path: 'out/größe 1.txt',
          size_bytes: 12,
          is_report: false,
          url: 'http://berth.test/workflow/r/artifacts/out/gr%C3%B6%C3%9Fe%201.txt',
        },
      ],
      log_tail: ['last line'],
      cost_usd: 0.0012,
      trigger: { kind: 'pull_request', actor: 'dana' },
    });
  });

  it('shows the reason that a workflow waits', async () => {
    const { client } = await httpWorld().shop({ maxStacks: 1 });
    await client.post('/workflow/execute', aRequest);
    const { body } = await client.post('/workflow/execute', aRequest);
    expect((await client.get(`/workflow/${body.workflow_id}`)).body).toMatchObject({
      state: 'waiting',
      waiting: { reason: 'line', position: 1, stack_name: null },
      stack: { holder: `run:${body.workflow_id}`, hold: 'run', held: null },
    });
  });

  it('matches its description for any state of the run', async () => {
    const w = httpWorld();
    const { client, project } = await w.shop();
    await stored(w, project, { id: 'new' });
    await stored(w, project, { id: 'old', ...ended });
    await stored(w, project, {
      id: 'cancelled',
      state: 'cancelled',
      cancel: { at: new Date(), reason: 'Superseded.', by: 'kim' },
      retryOf: runId('old'),
      github: {
        repositoryId: 1,
        installationId: 2,
        owner: 'acme',
        repo: 'site',
        headSha: 'a'.repeat(40),
        pullRequest: 7,
      },
    });
    for (const id of ['new', 'old', 'cancelled']) {
      const everything = (await client.get(`/workflow/${id}`)).body;
      const status = (await client.get(`/workflow/${id}/status`)).body;
      expect(workflowSchema.strict().parse(everything)).toEqual(everything);
      expect(workflowStatusSchema.strict().parse(status)).toEqual(status);
    }
    const list = (await client.get('/workflow')).body;
    expect(workflowListSchema.parse(list)).toEqual(list);
  });

  it.each(['', '/status', '/logs', '/report', '/tests', '/artifacts', '/artifacts.tar.gz', '/artifacts/x'])(
    'hides the workflow from another project: GET /workflow/:id%s',
    async (rest) => {
      const w = httpWorld();
      const { project } = await w.shop({}, 'one');
      const other = await w.shop({}, 'other');
      await stored(w, project, { id: 'r', ...ended });
      const theirs = await other.client.get(`/workflow/r${rest}`);
      const nobodys = await other.client.get(`/workflow/nobody${rest}`);
      expect(theirs.status).toBe(404);
      expect(theirs.body).toEqual(nobodys.body);
    },
  );

  it.each([
    ['DELETE', ''],
    ['POST', '/retest'],
  ])('protects the workflow from another project: %s /workflow/:id%s', async (method, rest) => {
    const w = httpWorld();
    const { project, client } = await w.shop({}, 'one');
    const other = await w.shop({}, 'other');
    await stored(w, project, { id: 'r', state: 'running' });
    const answer = await other.client.send(method, `/workflow/r${rest}`);
    expect(answer).toMatchObject({ status: 404, body: { error: 'Workflow not found.' } });
    expect((await client.get('/workflow/r')).body).toMatchObject({ state: 'running', cancelled: null });
  });
});

describe('POST /workflow/:id/retest', () => {
  it('starts a new workflow that names the old one', async () => {
    const w = httpWorld();
    const { client, project } = await w.shop();
    await stored(w, project, { id: 'old', ...ended }, { command: 'npm run e2e' });
    const { status, body } = await client.post('/workflow/old/retest');
    expect(status).toBe(202);
    expect(body).toMatchObject({ retry_of: 'old', workflow_id: expect.not.stringMatching(/^old$/) });
    expect((await client.get(`/workflow/${body.workflow_id}`)).body).toMatchObject({
      test_command: 'npm run e2e',
      retry_of: 'old',
      trigger: { kind: 'api', actor: 'admin key' },
    });
    expect((await client.get('/workflow/old')).body.state).toBe('failed');
  });

  it('starts one workflow for a repeated key, and one for each request without a key', async () => {
    const w = httpWorld();
    const { client, project } = await w.shop();
    await stored(w, project, { id: 'old', ...ended });
    const retest = async (body?: unknown) =>
      (await client.post('/workflow/old/retest', body)).body.workflow_id;
    const key = { idempotency_key: 'once' };
    expect(await retest(key)).toBe(await retest(key));
    expect(await retest()).not.toBe(await retest());
  });

  it.each(['attempt 2', 'deploy again for branch:main', 'comment 7'])(
    'keeps the key %s apart from that of Berth',
    async (key) => {
      const w = httpWorld();
      const { client, project } = await w.shop();
      await stored(w, project, { id: 'old', ...ended });
      const { body } = await client.post('/workflow/old/retest', { idempotency_key: key });
      expect(body.id).not.toBe(await w.deps.ids.derived('retest', 'old', key));
    },
  );

  it('rejects a workflow that has not ended, and unknown fields', async () => {
    const w = httpWorld();
    const { client, project } = await w.shop();
    await stored(w, project, { id: 'now', state: 'running' });
    expect(await client.post('/workflow/now/retest')).toMatchObject({
      status: 409,
      body: { code: 'conflict' },
    });
    await stored(w, project, { id: 'old', ...ended });
    expect(await client.post('/workflow/old/retest', { only: 'failed' })).toMatchObject({
      status: 400,
      body: { details: [{ path: 'only' }] },
    });
  });
});
