import type { z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { BerthError } from '../../core/model/errors.ts';
import { publicRunId, type RunId } from '../../core/model/ids.ts';
import type { Run } from '../../core/model/run.ts';
import { addEndpoint } from '../add-endpoint.ts';
import { textOf } from '../answer-error.ts';
import type { Api } from '../api.ts';
import { currentProject } from '../auth/access.ts';
import { jsonAnswer } from '../describe-endpoint.ts';
import type { HttpEnv } from '../http-env.ts';
import { runRequestSchema } from '../schemas/run-request.ts';
import { workflowStartedSchema } from '../schemas/workflow.ts';
import { startRequested } from '../start-requested.ts';
import { waitingView, workflowUrl } from '../views/workflow-view.ts';
import { workflowErrors } from './route-kinds.ts';

const required = ['repo_url', 'branch', 'test_command'] as const;

/** Reasons why a launch failed within the request: clients of the older test runner expect them in the response. */
const launchFailures: readonly (string | undefined)[] = [
  'launch_failed',
  'image_not_found',
  'engine_unreachable',
];

/** `POST /workflow/execute`. */
export function addExecuteRoute(api: Api): void {
  addEndpoint(
    api,
    {
      id: 'executeWorkflow',
      method: 'post',
      path: '/workflow/execute',
      tag: 'Workflows',
      summary: 'Run tests of a branch',
      description:
        'Responds as soon as the workflow is stored, and usually launched. Poll `status_url`, or follow `logs_url`.',
      access: currentProject('run'),
      body: runRequestSchema,
      checkBody: refuseMissing,
      errors: [
        'branch_invalid',
        'url_not_allowed',
        'stack_not_found',
        'conflict',
        'project_suspended',
        'not_approved',
        'too_many_runs',
        'launch_failed',
      ],
      responses: jsonAnswer(202, 'The workflow has begun.', workflowStartedSchema),
      errorStyle: { ...workflowErrors, failed: 'Failed to execute workflow.' },
    },
    async (c, { target: { project, caller }, body: request, sent }) => {
      const run = await startRequested(api.deps, { project, caller, request });
      return answerStarted(c, api, run.id, ignoredFields(sent));
    },
  );
}

function refuseMissing(body: unknown): void {
  const given: Record<string, unknown> = typeof body === 'object' && body !== null ? { ...body } : {};
  const missing = required.filter(
    (name) => given[name] === undefined || given[name] === null || given[name] === '',
  );
  if (missing.length === 0) return;
  throw new BerthError('invalid_request', 'Missing required parameters: repo_url, branch, test_command', {
    details: missing.map((path) => ({ path, message: 'is missing' })),
  });
}

function ignoredFields(sent: unknown): readonly string[] {
  const known = new Set(Object.keys(runRequestSchema.shape));
  return Object.keys(typeof sent === 'object' && sent !== null ? sent : {}).filter(
    (name) => !known.has(name),
  );
}

/** The answer to every request that starts a run: the state after a moment. */
export async function answerStarted(
  c: Context<HttpEnv>,
  api: Api,
  id: RunId,
  ignored: readonly string[] = [],
): Promise<Response> {
  await api.deps.waitForLaunch(id);
  const run = await api.deps.store.runs.get(id);
  if (run === undefined) throw new Error(`run ${id} was started and is not there`);
  if (launchFailures.includes(run.outcome?.errorCode)) return answerLaunchFailure(c, run);
  return c.json(
    {
      message: 'Workflow execution started successfully.',
      workflow_id: publicRunId(run.id),
      id: run.id,
      task_arn: run.task?.arn ?? null,
      state: run.state,
      stack_name: run.held?.stackName ?? null,
      waiting: waitingView(run),
      deploy_id: deployIdOf(run),
      retry_of: run.retryOf === undefined ? null : publicRunId(run.retryOf),
      status_url: workflowUrl(api.deps, run, '/status'),
      run_url: api.deps.links.run(run.id),
      logs_url: workflowUrl(api.deps, run, '/logs'),
      ...(ignored.length === 0
        ? {}
        : { ignored_fields: ignored.slice(0, 20).map((name) => name.slice(0, 100)) }),
    } satisfies z.output<typeof workflowStartedSchema>,
    202,
  );
}

function deployIdOf({ spec }: Run): string | null {
  const [first] = spec.deploys ?? [];
  return first === undefined ? null : publicRunId(first.runId);
}

function answerLaunchFailure(c: Context<HttpEnv>, run: Run): Response {
  return c.json(
    {
      ...textOf(c, 'Failed to start Fargate task.'),
      code: run.outcome?.errorCode ?? 'launch_failed',
      details: run.outcome?.summary ?? '',
      workflow_id: publicRunId(run.id),
    },
    500,
  );
}
