import { describe, expect, it } from '@jest/globals';
import { runId } from '../../../app/core/model/ids.ts';
import { outcomeWithoutResult } from '../../../app/core/model/outcome.ts';
import { runObjectKey } from '../../../app/core/model/run-keys.ts';
import type { TestCase } from '../../../app/core/model/test-results.ts';
import { testHistoryKey } from '../../../app/core/results/remember-tests.ts';
import { testHistoryAnswerSchema, testListSchema } from '../../../app/http/schemas/test-history.ts';
import { aRun } from '../../helpers/a-run.ts';
import { httpWorld } from './http-world.ts';

/** A project with runs of one commit, each with its own outcome of `tide` and a test that always passes. */
async function testedShop(outcomes: readonly TestCase['outcome'][]) {
  const w = httpWorld();
  const { client, project } = await w.shop();
  const add = async (number: number, outcome: TestCase['outcome']) => {
    const id = runId(`run-${number}`);
    const tests = { total: 2, passed: 1, failed: 1, skipped: 0, durationSeconds: 1 };
    await w.deps.store.runs.create(
      aRun({
        id,
        projectId: project.id,
        state: 'failed',
        createdAt: new Date(Date.UTC(2026, 0, 1, 0, number)),
        outcome: { ...outcomeWithoutResult('Done.'), tests },
      }),
    );
    const cases = [
      { group: 'gauge', name: 'tide', outcome, durationSeconds: 2 },
      { group: 'quay', name: 'Stands', outcome: 'passed', durationSeconds: 0.5 },
    ];
    w.objects.set(runObjectKey(id, 'tests.json'), JSON.stringify({ version: 1, runId: id, cases }));
  };
  for (const [index, outcome] of outcomes.entries()) await add(index, outcome);
  return { w, client, project, add, path: `/projects/${project.id}/tests` };
}

describe('GET /projects/:id/tests', () => {
  it('returns the flakiest first, with their results over time', async () => {
    const { client, path } = await testedShop(['passed', 'failed', 'passed']);
    const { status, body } = await client.get(path);
    expect(status).toBe(200);
    expect(testListSchema.parse(body)).toMatchObject({
      tests: [
        { name: 'tide', ran: 3, failed: 1, flaky_commits: 1, outcomes: ['passed', 'failed', 'passed'] },
        { name: 'Stands', failed: 0, flaky_commits: 0, seconds: [0.5, 0.5, 0.5] },
      ],
      total: 2,
      suites: ['unit'],
      runs: 3,
      pending: 0,
    });
  });

  it('filters, sorts and limits', async () => {
    const { client, path } = await testedShop(['passed', 'failed']);
    expect((await client.get(`${path}?text=stands`)).body.tests).toMatchObject([{ name: 'Stands' }]);
    expect((await client.get(`${path}?suite=none`)).body).toMatchObject({ tests: [], total: 0 });
    expect((await client.get(`${path}?sort=slow&limit=1`)).body).toMatchObject({
      tests: [{ name: 'tide' }],
      total: 2,
    });
    const pages = [0, 1, 2].map((offset) => client.get(`${path}?limit=1&offset=${offset}`));
    const names = (await Promise.all(pages)).map(({ body }) => body.tests[0]?.name);
    expect(new Set(names).size).toBe(3);
    expect(names[2]).toBeUndefined();
    expect((await client.get(`${path}?sort=best`)).status).toBe(400);
  });

  it('reads a bounded number of lists per request, and continues with the next one', async () => {
    const { w, client, path } = await testedShop(Array.from({ length: 25 }, () => 'passed' as const));
    const read: string[] = [];
    const { get } = w.deps.objects;
    w.deps.objects.get = async (key) => {
      if (key.endsWith('/tests.json')) read.push(key);
      return get(key);
    };
    const pending = [];
    for (let request = 0; request < 4; request += 1) pending.push((await client.get(path)).body.pending);
    expect(pending).toEqual([15, 5, 0, 0]);
    expect(new Set(read).size).toBe(25);
    expect(read).toHaveLength(25);
  });

  it('adds new runs, and does not request a missing list again', async () => {
    const { w, client, path, add } = await testedShop(['passed']);
    w.objects.delete('runs/run-0/tests.json');
    expect((await client.get(path)).body).toMatchObject({ tests: [], runs: 1, pending: 0 });
    await add(7, 'failed');
    expect((await client.get(path)).body).toMatchObject({ total: 2, runs: 2, pending: 0 });
  });

  it('loses nothing permanently if two requests write in parallel', async () => {
    const { w, client, path, project, add } = await testedShop(['passed']);
    await client.get(path);
    const before = w.objects.get(testHistoryKey(project)) ?? '';
    await add(1, 'failed');
    await client.get(path);
    // The other request began before, and wrote last.
    w.objects.set(testHistoryKey(project), before);
    expect((await client.get(path)).body.tests[0]).toMatchObject({ name: 'tide', ran: 2, flaky_commits: 1 });
  });

  it('is rebuilt from the runs if it cannot be read', async () => {
    const { w, client, path, project } = await testedShop(['passed']);
    w.objects.set(testHistoryKey(project), '{"version":7}');
    expect((await client.get(path)).body).toMatchObject({ total: 2, runs: 1 });
  });

  it('rejects callers without access to the project', async () => {
    const { w, path } = await testedShop(['passed']);
    const { client: stranger } = await w.shop({}, 'elsewhere');
    expect((await stranger.get(path)).body.code).toBe('project_not_found');
  });
});

describe('GET /projects/:id/tests/history', () => {
  it('returns the results of one test, the newest first, with the runs', async () => {
    const { client, path } = await testedShop(['passed', 'failed']);
    const { body } = await client.get(`${path}/history?suite=unit&group=gauge&name=tide`);
    expect(testHistoryAnswerSchema.parse(body)).toMatchObject({
      ran: 2,
      flaky_commits: 1,
      history: [
        { workflow_id: 'run-1', branch: 'topic', outcome: 'failed', seconds: 2 },
        { workflow_id: 'run-0', outcome: 'passed' },
      ],
    });
  });

  it('reports an unknown test', async () => {
    const { client, path } = await testedShop(['passed']);
    const { status, body } = await client.get(`${path}/history?suite=unit&group=gauge&name=ebb`);
    expect({ status, code: body.code }).toEqual({ status: 404, code: 'object_not_found' });
  });
});
