import { z } from 'zod';
import { scopes } from '../core/model/project.ts';
import { runStates } from '../core/model/run-state.ts';

/**
 * What the command line reads of the API's answers. Each schema names what is used and lets the rest through, so that
 * `--json` shows all that the server said, and a newer server can say more.
 */

const waitingSchema = z.looseObject({
  reason: z.enum(['line', 'turn', 'capacity']),
  position: z.number().nullable(),
  stack_name: z.string().nullable(),
});

export const runStatusSchema = z.looseObject({
  workflow_id: z.string(),
  state: z.enum(runStates),
  exit_code: z.number().nullable(),
  summary: z.string().nullable(),
  error_code: z.string().nullable(),
  stack_name: z.string().nullable(),
  waiting: waitingSchema.nullable(),
  created_at: z.string(),
  stopped_at: z.string().nullable(),
  run_url: z.string(),
  report_url: z.string().nullable(),
  tests: z
    .looseObject({ total: z.number(), passed: z.number(), failed: z.number(), skipped: z.number() })
    .nullable(),
});
export type RunStatus = z.infer<typeof runStatusSchema>;

export const runSummarySchema = runStatusSchema.extend({
  suite: z.string(),
  branch: z.string(),
  sha: z.string().nullable(),
  started_at: z.string().nullable(),
  attempt: z.number(),
  retried_by: z.string().nullable(),
});
export type RunSummary = z.infer<typeof runSummarySchema>;

export const runDetailsSchema = runSummarySchema.extend({
  repo_url: z.string(),
  test_command: z.string(),
  setup: z.string().nullable(),
  retries: z.number(),
  executor: z.string().nullable(),
  failures: z.array(
    z.looseObject({
      name: z.string(),
      group: z.string(),
      file: z.string().nullable(),
      line: z.number().nullable(),
      message: z.string(),
    }),
  ),
  warnings: z.array(z.looseObject({ code: z.string(), message: z.string() })),
});
export type RunDetails = z.infer<typeof runDetailsSchema>;

export const runListSchema = z.looseObject({
  workflows: z.array(runSummarySchema),
  cursor: z.string().nullable(),
});
export type RunList = z.infer<typeof runListSchema>;

export const runStartedSchema = z.looseObject({ workflow_id: z.string(), run_url: z.string() });
export type RunStarted = z.infer<typeof runStartedSchema>;

export const logPageSchema = z.looseObject({
  lines: z.array(z.looseObject({ text: z.string(), at: z.string().optional() })),
  cursor: z.string(),
  complete: z.boolean(),
});
export type LogPageAnswer = z.infer<typeof logPageSchema>;
export type LogLineAnswer = LogPageAnswer['lines'][number];

export const messageSchema = z.looseObject({ message: z.string() });

export const stackSchema = z.looseObject({
  stackName: z.string(),
  isAvailable: z.boolean(),
  branch: z.string(),
  lastDeployedCommit: z.string().optional(),
  heldBy: z.string().nullable(),
  heldSince: z.string().nullable(),
  leaseUntil: z.string().nullable(),
});
export type StackAnswer = z.infer<typeof stackSchema>;

export const stackListSchema = z.looseObject({ stacks: z.array(stackSchema) });

const heldSchema = z.looseObject({
  stackName: z.string(),
  lockToken: z.number(),
  leaseUntil: z.string().nullable(),
  holder: z.string().nullable(),
});
const inLineSchema = z.looseObject({ position: z.number(), holder: z.string().optional() });
/** A stack that is held, or a place in line. */
export const stackRequestedSchema = z.union([heldSchema, inLineSchema]);
export type StackRequested = z.infer<typeof stackRequestedSchema>;

export const healthSchema = z.looseObject({ status: z.literal('ok'), version: z.string() });

export const projectSchema = z.looseObject({
  id: z.string(),
  name: z.string(),
  settings: z.looseObject({ prefix: z.string(), maxStacks: z.number(), maxActiveRuns: z.number() }),
  created: z.string(),
});
export type ProjectAnswer = z.infer<typeof projectSchema>;
export const projectListSchema = z.looseObject({
  projects: z.array(projectSchema),
  cursor: z.string().nullable(),
  /** Servers of 0.1.0 do not send it. */
  current: z.string().nullable().optional(),
});

const costTotalSchema = z.looseObject({
  runs: z.number(),
  cost_usd: z.number(),
  unpriced_runs: z.number(),
});
export const costsSchema = z.looseObject({
  months: z.array(costTotalSchema.extend({ month: z.string() })),
  total: costTotalSchema,
});
export type CostsAnswer = z.infer<typeof costsSchema>;

export const keySchema = z.looseObject({
  id: z.string(),
  name: z.string(),
  scope: z.enum(scopes),
  allProjects: z.boolean(),
  created: z.string(),
  revoked: z.string().nullable(),
});
export type KeyAnswer = z.infer<typeof keySchema>;
export const keyListSchema = z.looseObject({ keys: z.array(keySchema) });
export const mintedKeySchema = keySchema.extend({ key: z.string() });
export type MintedKey = z.infer<typeof mintedKeySchema>;
