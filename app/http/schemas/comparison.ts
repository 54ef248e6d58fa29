import { z } from '@hono/zod-openapi';
import { moment } from './text.ts';

const test = z.object({ group: z.string(), name: z.string() });

const comparedWith = z.object({
  workflow_id: z.string(),
  branch: z.string(),
  sha: z.string().nullable(),
  state: z.string(),
  created_at: moment,
  duration_seconds: z.number().nullable().openapi({ description: 'From the start to the end of its task.' }),
  tests: z
    .object({
      newly_failing: z.array(test).openapi({ description: 'Failed here, but not in the other run.' }),
      still_failing: z.array(test),
      fixed: z.array(test).openapi({ description: 'Passed here, but failed in the other run.' }),
      slower: z.array(test.extend({ duration_seconds: z.number(), before_seconds: z.number() })).openapi({
        description:
          'Slower by at least half, and by at least a quarter of a second; largest difference first.',
      }),
      added: z.number().int(),
      removed: z.number().int(),
    })
    .nullable()
    .openapi({
      description: 'null if one of the two has no list of its tests. At most 100 tests in each list.',
    }),
});

/** `GET /workflow/{id}/comparison`. */
export const comparisonSchema = z
  .object({
    base_branch: z.string(),
    duration_seconds: z.number().nullable(),
    base: comparedWith.nullable().openapi({
      description: 'Compared with the last passing workflow of the base branch before this one: what broke.',
    }),
    previous: comparedWith
      .nullable()
      .openapi({ description: 'Compared with the previous workflow of the same branch: what was fixed.' }),
  })
  .openapi('WorkflowComparison');
