import { z } from '@hono/zod-openapi';
import { isOfSameBranch } from '../../core/branches/branch-of.ts';
import { BerthError } from '../../core/model/errors.ts';
import { isActive, type Run } from '../../core/model/run.ts';
import { projectOf } from '../../core/projects/project-of.ts';
import { cancelRun } from '../../core/runs/cancel-run.ts';
import { retestRun } from '../../core/runs/retest-run.ts';
import { retestSuites } from '../../core/runs/retest-suites.ts';
import { addEndpoint } from '../add-endpoint.ts';
import type { Api } from '../api.ts';
import { jsonAnswer, messageSchema } from '../describe-endpoint.ts';
import { retestRequestSchema } from '../schemas/run-request.ts';
import { retestFailedSchema, workflowSchema, workflowStartedSchema } from '../schemas/workflow.ts';
import { workflowStatusSchema } from '../schemas/workflow-status.ts';
import { workflowStatusView, workflowView } from '../views/workflow-view.ts';
import { answerStarted } from './execute-workflow.ts';
import { workflowChange, workflowErrors, workflowRead } from './route-kinds.ts';

/** Adds routes to read, poll, cancel and repeat one workflow. */
export function addWorkflowRoutes(api: Api): void {
  addRead(api);
  addCancel(api);
  addRetest(api);
  addRetestFailed(api);
}

function addRead(api: Api): void {
  const shared = { ...workflowRead, errors: ['run_not_found'] } as const;
  addEndpoint(
    api,
    {
      ...shared,
      id: 'getWorkflowStatus',
      path: '/workflow/{id}/status',
      summary: 'Poll a workflow',
      description:
        '`status` and `desired_status` are states of ECS; `status` is `STOPPED` once the workflow has ended and its result is known. `GET /workflow/{id}/logs` as an event stream makes polling unnecessary.',
      responses: jsonAnswer(200, 'The state of the workflow.', workflowStatusSchema),
    },
    (c, { target }) => c.json(workflowStatusView(api.deps, target.run)),
  );
  addEndpoint(
    api,
    {
      ...shared,
      id: 'getWorkflow',
      path: '/workflow/{id}',
      summary: 'Get a workflow with all details',
      responses: jsonAnswer(200, 'The workflow.', workflowSchema),
    },
    (c, { target }) => c.json(workflowView(api.deps, target.run)),
  );
}

function addCancel(api: Api): void {
  addEndpoint(
    api,
    {
      ...workflowChange,
      id: 'cancelWorkflow',
      method: 'delete',
      path: '/workflow/{id}',
      summary: 'Cancel a workflow',
      description: 'Stops the task. The workflow stays readable. Canceling a workflow twice is not an error.',
      query: z.object({
        reason: z.string().trim().min(1).max(200).optional().openapi({
          description: 'Shown as the reason. If omitted, `Workflow cancelled by API request.`',
        }),
      }),
      errors: ['run_not_found', 'run_ended'],
      responses: jsonAnswer(
        200,
        'The workflow will end: `Workflow cancellation request sent.`',
        messageSchema,
      ),
      errorStyle: { ...workflowErrors, failed: 'Failed to stop workflow.' },
    },
    async (c, { target: { run, caller }, query: { reason } }) => {
      refuseEnded(run);
      const cancelled = await cancelRun(api.deps, {
        id: run.id,
        reason: reason ?? 'Workflow cancelled by API request.',
        by: caller.actor,
      });
      // It may have ended between the two reads.
      if (cancelled !== undefined && cancelled.cancel === undefined) refuseEnded(cancelled);
      return c.json({ message: 'Workflow cancellation request sent.' as const });
    },
  );
}

function refuseEnded(run: Run): void {
  if (isActive(run)) return;
  throw new BerthError('run_ended', 'The workflow has already ended.', {
    hint: `It ended as ${run.state}.`,
  });
}

function addRetest(api: Api): void {
  addEndpoint(
    api,
    {
      ...workflowChange,
      id: 'retestWorkflow',
      path: '/workflow/{id}/retest',
      summary: 'Run an ended workflow again',
      description:
        'Starts a new workflow for the same commit, with the same settings. The old one stays unchanged. With `failed_only`, only its failed tests run, and the other results are those of the old one.',
      body: retestRequestSchema,
      errors: [
        'run_not_found',
        'conflict',
        'project_suspended',
        'not_approved',
        'branch_closed',
        'too_many_runs',
      ],
      responses: jsonAnswer(202, 'The new workflow.', workflowStartedSchema),
      errorStyle: { ...workflowErrors, failed: 'Failed to execute workflow.' },
    },
    async (c, { target: { run, caller }, body }) => {
      if (isActive(run)) {
        throw new BerthError('conflict', 'The run has not ended yet.', {
          hint: 'Wait until it ends, or cancel it first.',
        });
      }
      const again = await retestRun(api.deps, {
        project: await projectOf(api.deps, run.projectId),
        run,
        trigger: { kind: caller.trigger, actor: caller.actor },
        key: keyOf(api, body),
        failedOnly: body.failed_only ?? false,
      });
      return answerStarted(c, api, again.run.id);
    },
  );
}

/** Berth has its own keys, such as `attempt 2`: a client must not be able to choose one of those. */
function keyOf(
  { deps }: Api,
  { idempotency_key: chosen }: { readonly idempotency_key?: string | undefined },
): string {
  return chosen === undefined ? deps.ids.unique() : `client ${chosen}`;
}

function addRetestFailed(api: Api): void {
  addEndpoint(
    api,
    {
      ...workflowChange,
      id: 'retestFailedWorkflows',
      path: '/workflow/{id}/retest-failed',
      summary: "Run the failed tests of the workflow's commit again",
      description:
        'Does the same as the comment `/retest failed`: for each suite of the commit and branch whose newest workflow did not succeed, runs the failed tests again, or the whole suite if they cannot be selected. `failed_only: false` runs the suites.',
      body: retestRequestSchema,
      errors: ['run_not_found', 'conflict', 'project_suspended', 'too_many_runs'],
      responses: jsonAnswer(202, 'The workflows that were started.', retestFailedSchema),
      errorStyle: { ...workflowErrors, failed: 'Failed to execute workflow.' },
    },
    async (c, { target: { run, caller }, body }) => {
      if (run.sha === undefined) {
        throw new BerthError('conflict', 'The commit of this workflow is not known.', {
          hint: 'Retest the workflow itself.',
        });
      }
      const { runs } = await retestSuites(api.deps, {
        project: await projectOf(api.deps, run.projectId),
        sha: run.sha,
        which: 'failed',
        failedOnly: body.failed_only ?? true,
        trigger: { kind: caller.trigger, actor: caller.actor },
        key: keyOf(api, body),
        fits: (one) => isOfSameBranch(one, run),
      });
      const workflows = runs.map(({ id, spec }) => ({ suite: spec.suite, workflow_id: id }));
      return c.json({ workflows }, 202);
    },
  );
}
