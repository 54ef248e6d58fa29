import { describe, expect, it } from '@jest/globals';
import { runId } from '../../../app/core/model/ids.ts';
import { outcomeWithoutResult } from '../../../app/core/model/outcome.ts';
import type { Project } from '../../../app/core/model/project.ts';
import type { Run } from '../../../app/core/model/run.ts';
import { runObjectKey } from '../../../app/core/model/run-keys.ts';
import type { TestCase } from '../../../app/core/model/test-results.ts';
import { comparisonSchema } from '../../../app/http/schemas/comparison.ts';
import { aRun } from '../../helpers/a-run.ts';
import { type HttpWorld, httpWorld } from './http-world.ts';

type Outcomes = Readonly<Record<string, TestCase['outcome']>>;

const onGithub = { repositoryId: 1, installationId: 2, owner: 'acme', repo: 'site', headSha: 'a'.repeat(40) };

/** A run that ended `minute` minutes after the first, with its list of tests. */
async function ended(
  w: HttpWorld,
  project: Project,
  {
    id,
    minute,
    state,
    branch = 'main',
    baseBranch,
    fork,
    tests,
  }: {
    id: string;
    minute: number;
    state: Run['state'];
    branch?: string;
    baseBranch?: string;
    /** The number of the pull request that it is of. */
    fork?: number;
    tests?: Outcomes;
  },
): Promise<void> {
  const createdAt = new Date(Date.UTC(2026, 0, 1, 0, minute));
  const totals = { total: 1, passed: 1, failed: 0, skipped: 0, durationSeconds: 1 };
  await w.deps.store.runs.create(
    aRun(
      {
        id: runId(id),
        projectId: project.id,
        state,
        createdAt,
        startedAt: createdAt,
        finishedAt: new Date(createdAt.getTime() + 60_000),
        settledAt: createdAt,
        ...(baseBranch === undefined ? {} : { github: { ...onGithub, baseBranch } }),
        ...(fork === undefined ? {} : { github: { ...onGithub, pullRequest: fork } }),
        outcome: { ...outcomeWithoutResult('Done.'), ...(tests === undefined ? {} : { tests: totals }) },
      },
      { branch, untrusted: fork !== undefined },
    ),
  );
  if (tests === undefined) return;
  const cases = Object.entries(tests).map(([name, outcome]) => ({
    name,
    group: 'g',
    outcome,
    durationSeconds: 1,
  }));
  w.objects.set(runObjectKey(runId(id), 'tests.json'), JSON.stringify({ version: 1, runId: id, cases }));
}

describe('GET /workflow/:id/comparison', () => {
  it('compares with the last passing run of the base branch, and with the previous run of its own branch', async () => {
    const w = httpWorld();
    const { client, project } = await w.shop();
    await ended(w, project, { id: 'old-green', minute: 1, state: 'succeeded', tests: {} });
    await ended(w, project, {
      id: 'green',
      minute: 2,
      state: 'succeeded',
      tests: { a: 'passed', b: 'passed' },
    });
    await ended(w, project, { id: 'red', minute: 3, state: 'failed', tests: { a: 'failed' } });
    await ended(w, project, {
      id: 'before',
      minute: 4,
      state: 'failed',
      branch: 'topic',
      tests: { a: 'failed', b: 'failed' },
    });
    await ended(w, project, {
      id: 'this',
      minute: 5,
      state: 'failed',
      branch: 'topic',
      tests: { a: 'failed', b: 'passed' },
    });
    await ended(w, project, { id: 'later', minute: 6, state: 'succeeded', tests: {} });
    const { status, body } = await client.get('/workflow/this/comparison');
    expect(status).toBe(200);
    expect(comparisonSchema.parse(body)).toMatchObject({
      base_branch: 'main',
      duration_seconds: 60,
      base: { workflow_id: 'green', tests: { newly_failing: [{ name: 'a' }], fixed: [] } },
      previous: { workflow_id: 'before', tests: { still_failing: [{ name: 'a' }], fixed: [{ name: 'b' }] } },
    });
  });

  it('reports that there is nothing to compare with', async () => {
    const w = httpWorld();
    const { client, project } = await w.shop();
    await ended(w, project, { id: 'first', minute: 1, state: 'failed', tests: { a: 'failed' } });
    expect((await client.get('/workflow/first/comparison')).body).toMatchObject({
      base: null,
      previous: null,
    });
  });

  it('compares only durations if a list of tests is missing or invalid', async () => {
    const w = httpWorld();
    const { client, project } = await w.shop();
    await ended(w, project, { id: 'green', minute: 1, state: 'succeeded', tests: { a: 'passed' } });
    await ended(w, project, { id: 'this', minute: 2, state: 'failed' });
    w.objects.set('runs/green/tests.json', '{"version":1,"runId":"another","cases":[]}');
    expect((await client.get('/workflow/this/comparison')).body.base).toMatchObject({
      workflow_id: 'green',
      duration_seconds: 60,
      tests: null,
    });
  });

  it('uses the base branch of its pull request, unless the request names another', async () => {
    const w = httpWorld();
    const { client, project } = await w.shop();
    await ended(w, project, { id: 'stable', minute: 1, state: 'succeeded', branch: 'stable', tests: {} });
    await ended(w, project, { id: 'main', minute: 2, state: 'succeeded', tests: {} });
    await ended(w, project, {
      id: 'this',
      minute: 3,
      state: 'failed',
      branch: 'topic',
      baseBranch: 'stable',
    });
    expect((await client.get('/workflow/this/comparison')).body).toMatchObject({
      base_branch: 'stable',
      base: { workflow_id: 'stable' },
    });
    expect((await client.get('/workflow/this/comparison?base=main')).body.base.workflow_id).toBe('main');
  });

  it('distinguishes branches with the same name in forks and in the repository', async () => {
    const w = httpWorld();
    const { client, project } = await w.shop();
    await ended(w, project, { id: 'main', minute: 1, state: 'succeeded' });
    await ended(w, project, { id: 'first', minute: 2, state: 'succeeded', fork: 7 });
    await ended(w, project, { id: 'other', minute: 3, state: 'succeeded', fork: 8 });
    await ended(w, project, { id: 'second', minute: 4, state: 'succeeded', fork: 7 });
    await ended(w, project, { id: 'next', minute: 5, state: 'failed' });
    expect((await client.get('/workflow/second/comparison')).body).toMatchObject({
      base: { workflow_id: 'main' },
      previous: { workflow_id: 'first' },
    });
    expect((await client.get('/workflow/next/comparison')).body).toMatchObject({
      base: { workflow_id: 'main' },
      previous: { workflow_id: 'main' },
    });
  });

  it('accepts another branch to compare with', async () => {
    const w = httpWorld();
    const { client, project } = await w.shop();
    await ended(w, project, { id: 'stable', minute: 1, state: 'succeeded', branch: 'stable', tests: {} });
    await ended(w, project, { id: 'this', minute: 2, state: 'failed', tests: {} });
    expect((await client.get('/workflow/this/comparison?base=stable')).body.base.workflow_id).toBe('stable');
  });
});

describe('POST /workflow/:id/retest-failed', () => {
  it('runs the failed suites of the commit again, and no others', async () => {
    const w = httpWorld();
    const { client, project } = await w.shop();
    const suites = { unit: 'succeeded', browser: 'failed', load: 'errored', lint: 'running' } as const;
    for (const [suite, state] of Object.entries(suites)) {
      await w.deps.store.runs.create(aRun({ id: runId(suite), projectId: project.id, state }, { suite }));
    }
    const { status, body } = await client.post('/workflow/unit/retest-failed', {});
    expect(status).toBe(202);
    expect(body.workflows.map(({ suite }: { suite: string }) => suite).sort()).toEqual(['browser', 'load']);
    const again = await client.get(`/workflow/${body.workflows[0].workflow_id}`);
    expect(again.body).toMatchObject({ failed_only: true, retry_of: body.workflows[0].suite });
  });

  it('is what a retest of one workflow does with failed_only', async () => {
    const w = httpWorld();
    const { client, project } = await w.shop();
    await w.deps.store.runs.create(aRun({ id: runId('unit'), projectId: project.id, state: 'failed' }));
    const failedOnly = async (path: string, body: object) => {
      const { workflow_id: id } = (await client.post(path, body)).body;
      return (await client.get(`/workflow/${id}`)).body.failed_only;
    };
    expect(await failedOnly('/workflow/unit/retest', {})).toBe(false);
    expect(await failedOnly('/workflow/unit/retest', { failed_only: true })).toBe(true);
  });

  it('does it once, however often the request is sent', async () => {
    const w = httpWorld();
    const { client, project } = await w.shop();
    const createdAt = w.clock.now();
    await w.deps.store.runs.create(
      aRun({ id: runId('a'), projectId: project.id, state: 'failed', createdAt }),
    );
    const [first, second] = [
      await client.post('/workflow/a/retest-failed', { idempotency_key: 'k' }),
      await client.post('/workflow/a/retest-failed', { idempotency_key: 'k' }),
    ];
    expect(first.body.workflows).toHaveLength(1);
    expect(second.body).toEqual({ workflows: [] });
  });

  it('requires a known commit, and the scope run', async () => {
    const w = httpWorld();
    const { client, project } = await w.shop();
    const { sha: _, ...run } = aRun({ id: runId('a'), projectId: project.id, state: 'failed' });
    await w.deps.store.runs.create(run);
    expect((await client.post('/workflow/a/retest-failed', {})).body.code).toBe('conflict');
    const reader = await w.client(project, 'read');
    expect((await reader.post('/workflow/a/retest-failed', {})).status).toBe(403);
  });
});
