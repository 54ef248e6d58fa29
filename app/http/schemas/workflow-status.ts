import { z } from '@hono/zod-openapi';
import { runStates } from '../../core/model/run-state.ts';
import { lastStatuses } from '../../core/model/task.ts';
import { moment } from './text.ts';

/** The fields that clients of the older test runner poll, in the terms of ECS. */
const taskStatus = z.enum(lastStatuses).openapi('TaskStatus', {
  description: '`STOPPED` once the workflow has ended, never before.',
});

export const workflowState = z.enum(runStates).openapi('WorkflowState');

export const conclusions = ['success', 'failure', 'error', 'timed_out', 'cancelled', 'skipped'] as const;

const tests = z.object({
  total: z.number().int(),
  passed: z.number().int(),
  failed: z.number().int(),
  skipped: z.number().int(),
  duration_seconds: z.number(),
  flaky: z.number().int().optional().openapi({ description: 'Tests that passed after they had failed.' }),
  earlier: z.number().int().optional().openapi({
    description: 'Results of the workflow `retry_of`: only its failed tests ran again.',
  }),
});

export const uniqueId = z.string().openapi({
  description:
    'The ID, unique among all projects. It differs from `workflow_id` if the client chose a `run_id`.',
});

export const waiting = z.object({
  reason: z.enum(['line', 'turn', 'capacity', 'deploy', 'suite']),
  position: z.number().int().nullable().openapi({ description: '1 for the first in the queue.' }),
  stack_name: z.string().nullable(),
  deploy: z.string().nullable().openapi({
    description: 'The deployment that it waits for, by the name of its suite.',
    example: 'deploy',
  }),
  suite: z
    .string()
    .nullable()
    .openapi({ description: 'The suite that it waits for (`needs`).', example: 'build' }),
  group: z.string().nullable().openapi({
    description: 'The group whose limit of parallel runs is reached (`concurrency`).',
  }),
});

/** `GET /workflow/{id}/status`, which clients poll. */
export const workflowStatusSchema = z
  .object({
    workflow_id: z.string(),
    id: uniqueId,
    status: taskStatus,
    desired_status: z.enum(['RUNNING', 'STOPPED']),
    created_at: moment,
    stopped_at: moment.nullable(),
    stopped_reason: z.string().nullable(),
    state: workflowState,
    exit_code: z.number().int().nullable().openapi({ description: 'The exit code of the command.' }),
    conclusion: z.enum(conclusions).nullable().openapi({
      description: '`failure`: the tests failed; `error`: Berth, AWS or the source failed.',
    }),
    summary: z.string().nullable().openapi({ example: '3 of 120 tests failed.' }),
    error_code: z.string().nullable(),
    stack_name: z.string().nullable(),
    waiting: waiting.nullable(),
    task_arn: z.string().nullable(),
    run_url: z.url(),
    logs_url: z.url(),
    report_url: z.url().nullable(),
    tests: tests.nullable(),
    outputs: z.record(z.string(), z.string()).openapi({
      description:
        'Values that its commands, and the deployments that it runs on, wrote to the file BERTH_OUTPUT.',
      example: { url: 'https://test-3.example.com' },
    }),
    url: z.url().nullable().openapi({ description: 'The URL of the deployed stack.' }),
    deployed: z
      .object({
        commit: z.string(),
        reused: z
          .boolean()
          .openapi({ description: 'Set if nothing has changed since this commit was deployed.' }),
        saved_seconds: z.number().nullable(),
      })
      .nullable()
      .openapi({ description: 'The result of a deployment; null for every other workflow.' }),
    cost_usd: z.number().nullable(),
  })
  .openapi('WorkflowStatus');

/** A workflow in a list. */
export const workflowSummarySchema = workflowStatusSchema
  .extend({
    project_id: z.string(),
    suite: z.string(),
    repo_url: z.string(),
    branch: z.string(),
    sha: z.string().nullable(),
    commit: z
      .object({
        message: z.string().openapi({ description: 'The first line.' }),
        author: z.string().nullable(),
      })
      .nullable()
      .openapi({ description: 'null until the code is checked out.' }),
    trigger: z.object({ kind: z.string(), actor: z.string().nullable() }),
    pull_request: z.number().int().nullable(),
    attempt: z.number().int(),
    retry_of: z.string().nullable(),
    failed_only: z
      .boolean()
      .openapi({ description: 'Whether the workflow runs only the tests that failed in `retry_of`.' }),
    retried_by: z.string().nullable(),
    updated_at: moment,
    state_since: moment,
    started_at: moment.nullable(),
    waited_seconds: z.number().openapi({ description: 'How long it waited for a stack.' }),
  })
  .openapi('WorkflowSummary');
