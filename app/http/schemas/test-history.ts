import { z } from '@hono/zod-openapi';
import { testOrders } from '../../core/results/test-stats.ts';
import { moment } from './text.ts';

const outcome = z.enum(['passed', 'failed', 'skipped']);

const stats = {
  suite: z.string(),
  group: z.string(),
  name: z.string(),
  ran: z.number().int().openapi({ description: 'How many times it passed or failed.' }),
  failed: z.number().int(),
  flaky_commits: z.number().int().openapi({ description: 'Commits on which it both passed and failed.' }),
  median_seconds: z.number().openapi({ description: 'The median of the runs that passed.' }),
  p95_seconds: z.number(),
};

/** How much of the history is available. */
const extent = {
  runs: z.number().int().openapi({ description: 'Workflows in the history.' }),
  pending: z.number().int().openapi({
    description:
      'Newer workflows that are not included yet. Each request adds some: repeat it until this is 0.',
  }),
};

export const testListQuery = z.object({
  sort: z.enum(testOrders).default('flaky').openapi({ description: 'The worst first.' }),
  suite: z.string().max(100).optional(),
  text: z.string().max(200).optional().openapi({ description: 'Part of the group or the name.' }),
  limit: z.coerce.number().int().min(1).max(100).default(50),
  offset: z.coerce
    .number()
    .int()
    .min(0)
    .default(0)
    .openapi({ description: 'How many tests to skip, for the next page.' }),
});

/** `GET /projects/{id}/tests`. */
export const testListSchema = z
  .object({
    tests: z.array(
      z.object({
        ...stats,
        outcomes: z.array(outcome).openapi({ description: 'The oldest first.' }),
        seconds: z.array(z.number()).openapi({ description: 'The duration of each.' }),
      }),
    ),
    total: z.number().int().openapi({ description: 'All matching tests, on every page.' }),
    suites: z.array(z.string()),
    ...extent,
  })
  .openapi('TestList');

export const testNameQuery = z.object({
  suite: z.string().max(100),
  group: z.string().max(1000),
  name: z.string().max(4000),
});

/** `GET /projects/{id}/tests/history`. */
export const testHistoryAnswerSchema = z
  .object({
    ...stats,
    history: z
      .array(
        z.object({
          workflow_id: z.string(),
          branch: z.string(),
          sha: z.string().nullable(),
          at: moment,
          outcome,
          seconds: z.number(),
        }),
      )
      .openapi({ description: 'The newest first.' }),
    ...extent,
  })
  .openapi('TestHistory');
