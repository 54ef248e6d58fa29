import { z } from '@hono/zod-openapi';

const day = z.iso.date().openapi({ description: 'A Monday, in UTC.', example: '2026-03-02' });

export const trendsSchema = z
  .object({
    weeks: z.array(day).openapi({ description: 'Oldest first; the current week is the last.' }),
    since: day,
    rows: z.array(
      z.object({
        week: day,
        suite: z.string().nullable().openapi({ description: 'null for all suites together.' }),
        runs: z
          .number()
          .int()
          .openapi({ description: 'Finished workflows, by the week they were created in.' }),
        passed: z.number().int(),
        failed: z.number().int(),
        errored: z.number().int().openapi({
          description: 'Ended by an infrastructure failure, a failed setup or the time limit.',
        }),
        median_seconds: z
          .number()
          .nullable()
          .openapi({ description: 'The median of the runs that passed or failed.' }),
        median_queue_seconds: z
          .number()
          .nullable()
          .openapi({ description: 'From the request to the launch of the task.' }),
        commits: z.number().int().openapi({ description: 'Commits with a result, once for each suite.' }),
        flaky_commits: z.number().int().openapi({ description: 'Commits that both passed and failed.' }),
        cost_usd: z.number().openapi({ description: 'Estimated from list prices.' }),
        cache_lookups: z.number().int().openapi({ description: 'Caches that workflows requested.' }),
        cache_hits: z
          .number()
          .int()
          .openapi({ description: 'Caches that were found for the same key files.' }),
        cache_saved_seconds: z.number().openapi({
          description: 'How much shorter the setups of all workflows were because of their caches.',
        }),
      }),
    ),
    complete: z
      .boolean()
      .openapi({ description: 'false if the project has more workflows in these weeks than are read.' }),
  })
  .openapi('ProjectTrends');
