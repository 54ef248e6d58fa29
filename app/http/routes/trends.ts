import { z } from '@hono/zod-openapi';
import { maxRuns, projectTrends, type WeekTrend } from '../../core/results/trends.ts';
import { addEndpoint } from '../add-endpoint.ts';
import type { Api } from '../api.ts';
import { asBefore, jsonAnswer } from '../describe-endpoint.ts';
import { trendsSchema } from '../schemas/trends.ts';
import { projectRead } from './route-kinds.ts';

/** `GET /projects/{id}/trends`. */
export function addTrendRoutes(api: Api): void {
  addEndpoint(
    api,
    {
      ...projectRead,
      id: 'getProjectTrends',
      path: '/projects/{id}/trends',
      summary: 'Duration, failure rate, flakiness, queue time and cost, by week and suite',
      description: `Reads at most ${maxRuns} workflows, the newest first.`,
      query: z.object({ weeks: z.coerce.number().int().min(1).max(52).default(12) }),
      responses: { ...jsonAnswer(200, 'The weeks.', trendsSchema), ...asBefore },
    },
    (c, { target: { project }, query: { weeks: count } }) =>
      api.share(c, project.id, async () => {
        const now = api.deps.clock.now();
        const { weeks, rows, complete } = await projectTrends(api.deps, project.id, { now, weeks: count });
        return {
          weeks: [...weeks],
          since: weeks[0] ?? '',
          rows: rows.map(rowView),
          complete,
        } satisfies z.output<typeof trendsSchema>;
      }),
  );
}

function rowView(row: WeekTrend) {
  return {
    week: row.week,
    suite: row.suite ?? null,
    runs: row.runs,
    passed: row.passed,
    failed: row.failed,
    errored: row.errored,
    median_seconds: row.medianSeconds ?? null,
    median_queue_seconds: row.medianQueueSeconds ?? null,
    commits: row.commits,
    flaky_commits: row.flakyCommits,
    cost_usd: Math.round(row.costUsd * 1e6) / 1e6,
    cache_lookups: row.cacheLookups,
    cache_hits: row.cacheHits,
    cache_saved_seconds: Math.round(row.cacheSavedSeconds * 10) / 10,
  };
}
