import { z } from '@hono/zod-openapi';
import { cacheOutcomes } from '../../core/model/cache.ts';
import { timelineSteps } from '../../core/results/timeline.ts';
import { moment } from './text.ts';
import { uniqueId, waiting, workflowState, workflowSummarySchema } from './workflow-status.ts';

const failure = z.object({
  name: z.string(),
  group: z.string(),
  file: z.string().nullable(),
  line: z.number().int().nullable(),
  message: z.string(),
  details: z.string().nullable(),
});

export const artifactSchema = z
  .object({
    path: z.string(),
    size_bytes: z.number().int(),
    is_report: z.boolean(),
    url: z.url(),
    view_url: z.url().nullable().openapi({
      description: 'Opens the file in the browser, on a separate origin; null if the server has none.',
    }),
  })
  .openapi('Artifact');

/** `GET /workflow/{id}`: everything. */
export const workflowSchema = workflowSummarySchema
  .extend({
    test_command: z.string(),
    setup: z.string().nullable(),
    teardown: z
      .string()
      .nullable()
      .openapi({ description: 'Runs on its stack before the stack is released.' }),
    teardown_of: z
      .string()
      .nullable()
      .openapi({ description: 'This workflow is a teardown: the ID of the workflow that used the stack.' }),
    deploy: z
      .object({ paths: z.array(z.string()).nullable(), url: z.string().nullable() })
      .nullable()
      .openapi({ description: 'This workflow deploys its commit to its stack.' }),
    deploys: z
      .array(z.object({ suite: z.string(), workflow_id: z.string() }))
      .openapi({ description: 'The deployments that it needs on its stack.' }),
    concurrency: z
      .object({ group: z.string(), limit: z.number().int() })
      .nullable()
      .openapi({ description: 'The limit of parallel runs of its group.' }),
    needs: z
      .array(z.object({ suite: z.string(), workflow_id: z.string() }))
      .openapi({ description: 'The first runs of the suites that must pass before it starts.' }),
    env: z.record(z.string(), z.string()),
    image: z.string().nullable(),
    cpu: z.number().int().openapi({ description: 'CPU units, 1024 to a vCPU.' }),
    memory: z.number().int().openapi({ description: 'MiB.' }),
    timeout_seconds: z.number().int(),
    retries: z.number().int(),
    rerun: z.string().nullable().openapi({ description: 'How it runs only failed tests.' }),
    passed_on_retry: z.array(z.string()).openapi({
      description: 'The first tests that failed in `retry_of` and passed in this workflow. They are flaky.',
    }),
    stack: z
      .object({
        name: z
          .string()
          .nullable()
          .openapi({ description: 'The requested stack, if the request named one.' }),
        holder: z.string(),
        hold: z.enum(['run', 'pull_request']),
        held: z
          .object({
            stack_name: z.string(),
            lock_token: z.number().int(),
            is_new: z.boolean(),
            last_deployed_commit: z.string().nullable(),
          })
          .nullable(),
      })
      .nullable(),
    launches: z.number().int(),
    executor: z.string().nullable(),
    caches: z
      .array(
        z.object({
          name: z.string(),
          outcome: z.enum(cacheOutcomes).openapi({
            description:
              '`hit`: the key files were the same; `partial`: they differed; `kept`: the machine keeps the files itself.',
          }),
          branch: z.string().nullable().openapi({ description: 'The branch that it was restored from.' }),
          size_bytes: z.number().int().nullable(),
          restore_seconds: z.number().nullable(),
          saved_bytes: z.number().int().nullable(),
          save_seconds: z.number().nullable(),
          note: z.string().nullable().openapi({ description: 'Why nothing was restored, or saved.' }),
        }),
      )
      .openapi({ description: 'The result of each cache of the suite.' }),
    services: z
      .array(
        z.object({
          name: z.string(),
          image: z.string(),
          cpu: z.number().int().openapi({ description: 'CPU units, 1024 to a vCPU.' }),
          memory: z.number().int().openapi({ description: 'MiB.' }),
          state: z.enum(['starting', 'ready', 'stopped']).nullable().openapi({
            description: 'null until it is launched. `stopped` after the end of the workflow too.',
          }),
          exit_code: z.number().int().nullable(),
          out_of_memory: z.boolean(),
          logs_url: z.url(),
        }),
      )
      .openapi({ description: 'The containers that run next to its commands.' }),
    cache_saved_seconds: z.number().nullable().openapi({
      description: 'How much longer the setup took without the caches, less the time to restore them.',
    }),
    phases: z.array(
      z.object({ name: z.string(), started_at: z.string(), finished_at: z.string().nullable() }),
    ),
    timeline: z
      .array(z.object({ step: z.enum(timelineSteps), started_at: moment, finished_at: moment.nullable() }))
      .openapi({
        description: 'The time of each step, without gaps. The last step of an active workflow has no end.',
      }),
    cancelled: z.object({ at: moment, reason: z.string(), by: z.string().nullable() }).nullable(),
    failures: z.array(failure).openapi({ description: 'The first 100 failed tests.' }),
    warnings: z.array(z.object({ code: z.string(), message: z.string() })),
    artifacts: z.array(artifactSchema),
    log_tail: z.array(z.string()),
    github: z
      .object({
        owner: z.string(),
        repo: z.string(),
        head_sha: z.string(),
        pull_request: z.number().int().nullable(),
        check_run_id: z.number().int().nullable(),
      })
      .nullable(),
    links: z.object({
      commit: z.url().nullable(),
      pull_request: z.url().nullable(),
      check_run: z.url().nullable(),
      console: z.url().nullable().openapi({ description: "The log in the provider's own console." }),
      tests: z.url(),
      artifacts: z.url(),
    }),
  })
  .openapi('Workflow');

export const workflowStartedSchema = z
  .object({
    message: z.literal('Workflow execution started successfully.'),
    workflow_id: z.string(),
    id: uniqueId,
    task_arn: z.string().nullable().openapi({ description: 'null if the task is not launched yet.' }),
    state: workflowState,
    stack_name: z.string().nullable(),
    waiting: waiting.nullable(),
    retry_of: z.string().nullable(),
    deploy_id: z.string().nullable().openapi({
      description: 'The workflow that deploys first, if the request has `deploy`.',
    }),
    status_url: z.url(),
    run_url: z.url(),
    logs_url: z.url(),
    ignored_fields: z.array(z.string()).optional().openapi({
      description: 'Fields of the body that Berth ignores. Check them for typos.',
    }),
  })
  .openapi('WorkflowStarted');

export const retestFailedSchema = z
  .object({
    workflows: z.array(z.object({ suite: z.string(), workflow_id: z.string() })).openapi({
      description: 'The new workflows. Empty if nothing failed, or if everything is still running.',
    }),
  })
  .openapi('WorkflowsRetested');

export const workflowListSchema = z
  .object({
    workflows: z.array(workflowSummarySchema).openapi({ description: 'The newest first.' }),
    cursor: z
      .string()
      .nullable()
      .openapi({ description: 'The cursor of the next page; null on the last one.' }),
  })
  .openapi('WorkflowList');
