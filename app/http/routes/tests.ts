import type { z } from '@hono/zod-openapi';
import { BerthError } from '../../core/model/errors.ts';
import { rememberTests } from '../../core/results/remember-tests.ts';
import { historyBounds } from '../../core/results/test-history.ts';
import { inTestOrder, pointsOf, statsOf, type TestStats, testStats } from '../../core/results/test-stats.ts';
import { addEndpoint } from '../add-endpoint.ts';
import type { Api } from '../api.ts';
import { jsonAnswer } from '../describe-endpoint.ts';
import {
  testHistoryAnswerSchema,
  testListQuery,
  testListSchema,
  testNameQuery,
} from '../schemas/test-history.ts';
import { projectRead } from './route-kinds.ts';

/** Adds the routes for the history of a project's tests. */
export function addTestRoutes(api: Api): void {
  addList(api);
  addHistory(api);
}

function addList(api: Api): void {
  addEndpoint(
    api,
    {
      ...projectRead,
      id: 'listTests',
      path: '/projects/{id}/tests',
      summary: "The flakiest, slowest or most failing of a project's tests",
      description: `Over its last ${historyBounds.runs} workflows with test results, as far as each kept its list of tests. A test is flaky if it both passed and failed on the same commit.`,
      query: testListQuery,
      responses: jsonAnswer(200, 'The worst tests.', testListSchema),
    },
    async (c, { target: { project }, query: { sort, suite, text = '', limit, offset } }) => {
      const { history, pending } = await rememberTests(api.deps, project);
      const wanted = text.toLowerCase();
      const tests = testStats(history).filter(
        (test) =>
          (suite === undefined || test.suite === suite) &&
          (wanted === '' || `${test.group}\n${test.name}`.toLowerCase().includes(wanted)),
      );
      return c.json({
        tests: inTestOrder(tests, sort)
          .slice(offset, offset + limit)
          .map((test) => ({
            ...statsView(test),
            outcomes: test.points.map(({ outcome }) => outcome),
            seconds: test.points.map(({ seconds }) => seconds),
          })),
        total: tests.length,
        suites: [...new Set(history.tests.map((test) => test.suite))].sort(),
        runs: history.runs.length,
        pending,
      } satisfies z.output<typeof testListSchema>);
    },
  );
}

function addHistory(api: Api): void {
  addEndpoint(
    api,
    {
      ...projectRead,
      id: 'getTestHistory',
      path: '/projects/{id}/tests/history',
      summary: 'Show the history of one test',
      query: testNameQuery,
      errors: ['project_not_found', 'object_not_found'],
      responses: jsonAnswer(200, 'The test.', testHistoryAnswerSchema),
    },
    async (c, { target: { project }, query: { suite, group, name } }) => {
      const { history, pending } = await rememberTests(api.deps, project);
      const kept = (text: string): string => text.slice(0, historyBounds.name);
      const test = history.tests.find(
        (one) => one.suite === suite && one.group === kept(group) && one.name === kept(name),
      );
      if (test === undefined) {
        throw new BerthError('object_not_found', 'No run in the history has this test.', {
          hint: 'GET /projects/{id}/tests lists the tests. A renamed test starts a new history.',
        });
      }
      const points = pointsOf(history, test);
      return c.json({
        ...statsView(statsOf(test, points)),
        history: [...points].reverse().map(({ run, outcome, seconds }) => ({
          workflow_id: run.id,
          branch: run.branch,
          sha: run.sha ?? null,
          at: run.at,
          outcome,
          seconds,
        })),
        runs: history.runs.length,
        pending,
      } satisfies z.output<typeof testHistoryAnswerSchema>);
    },
  );
}

function statsView({ suite, group, name, ...stats }: TestStats) {
  return {
    suite,
    group,
    name,
    ran: stats.ran,
    failed: stats.failed,
    flaky_commits: stats.flakyCommits,
    median_seconds: stats.medianSeconds,
    p95_seconds: stats.p95Seconds,
  };
}
