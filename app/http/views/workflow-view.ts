import type { z } from '@hono/zod-openapi';
import { publicHolder, publicRunId, type RunId } from '../../core/model/ids.ts';
import { isActive, type Run } from '../../core/model/run.ts';
import type { RunState } from '../../core/model/run-state.ts';
import { timelineOf, waitedMilliseconds } from '../../core/results/timeline.ts';
import type { HttpDeps } from '../http-deps.ts';
import type { workflowSchema } from '../schemas/workflow.ts';
import type { conclusions, workflowStatusSchema, workflowSummarySchema } from '../schemas/workflow-status.ts';

export type ViewDeps = Pick<HttpDeps, 'publicUrl' | 'links' | 'logs' | 'artifacts'>;

const conclusionOf: Readonly<Record<RunState, (typeof conclusions)[number] | null>> = {
  queued: null,
  waiting: null,
  provisioning: null,
  running: null,
  succeeded: 'success',
  failed: 'failure',
  errored: 'error',
  timed_out: 'timed_out',
  cancelled: 'cancelled',
  skipped: 'skipped',
};

/** The fields of a run that clients poll. */
export function workflowStatusView(deps: ViewDeps, run: Run): z.output<typeof workflowStatusSchema> {
  const { outcome, taskStatus } = run;
  return {
    workflow_id: publicRunId(run.id),
    id: run.id,
    status: statusOf(run),
    desired_status:
      isActive(run) && run.cancel === undefined && run.stop === undefined ? 'RUNNING' : 'STOPPED',
    created_at: run.createdAt.toISOString(),
    stopped_at: isoOrNull(run.finishedAt),
    stopped_reason: isActive(run) ? null : (taskStatus?.stoppedReason ?? outcome?.summary ?? null),
    state: run.state,
    exit_code: outcome?.exitCode ?? null,
    conclusion: conclusionOf[run.state],
    summary: outcome?.summary ?? null,
    error_code: outcome?.errorCode ?? null,
    stack_name: run.held?.stackName ?? null,
    waiting: waitingView(run),
    task_arn: run.task?.arn ?? null,
    run_url: deps.links.run(run.id),
    logs_url: workflowUrl(deps, run, '/logs'),
    report_url: outcome?.hasReport === true ? deps.links.report(run.id) : null,
    tests: testsView(outcome?.tests),
    outputs: outputsOf(run),
    url: run.deployed?.url ?? run.held?.url ?? null,
    deployed:
      run.deployed === undefined
        ? null
        : {
            commit: run.deployed.commit,
            reused: run.deployed.reused !== undefined,
            saved_seconds: run.deployed.reused?.savedSeconds ?? null,
          },
    cost_usd: outcome?.costUsd ?? null,
  };
}

/** Berth's own variables have separate fields. */
function outputsOf({ held, outcome }: Run): Record<string, string> {
  const received = Object.entries(held?.outputs ?? {}).filter(([name]) => !name.startsWith('BERTH_'));
  return { ...Object.fromEntries(received), ...outcome?.outputs };
}

/** The state of a run in the terms of ECS. `STOPPED` means to a client that everything is known, so it comes last. */
function statusOf(run: Run): z.output<typeof workflowStatusSchema>['status'] {
  if (!isActive(run)) return 'STOPPED';
  const last = run.taskStatus?.lastStatus ?? 'PROVISIONING';
  return last === 'STOPPED' ? 'DEPROVISIONING' : last;
}

export function workflowSummaryView(deps: ViewDeps, run: Run): z.output<typeof workflowSummarySchema> {
  const { spec, trigger } = run;
  return {
    ...workflowStatusView(deps, run),
    project_id: run.projectId,
    suite: spec.suite,
    repo_url: spec.source.url,
    branch: spec.branch,
    sha: run.sha ?? null,
    commit:
      run.commit === undefined ? null : { message: run.commit.message, author: run.commit.author ?? null },
    trigger: { kind: trigger.kind, actor: trigger.actor ?? null },
    pull_request: run.github?.pullRequest ?? null,
    attempt: run.attempt,
    retry_of: publicOrNull(run.retryOf),
    failed_only: run.failedOnly === true,
    retried_by: publicOrNull(run.retriedBy),
    updated_at: run.updatedAt.toISOString(),
    state_since: run.stateSince.toISOString(),
    started_at: isoOrNull(run.startedAt),
    waited_seconds: waitedSeconds(run),
  };
}

/** Includes the time until now, for a waiting run. */
function waitedSeconds(run: Run): number {
  return (waitedMilliseconds(run, run.updatedAt) ?? 0) / 1000;
}

export function workflowView(deps: ViewDeps, run: Run): z.output<typeof workflowSchema> {
  const { spec, outcome } = run;
  return {
    ...workflowSummaryView(deps, run),
    test_command: spec.command,
    setup: spec.setup ?? null,
    teardown: spec.teardown ?? null,
    teardown_of: publicOrNull(spec.teardownOf),
    deploy:
      spec.deploy === undefined
        ? null
        : {
            paths: spec.deploy.paths === undefined ? null : [...spec.deploy.paths],
            url: spec.stack?.url ?? null,
          },
    deploys: (spec.deploys ?? []).map(({ suite, runId }) => ({ suite, workflow_id: publicRunId(runId) })),
    concurrency: spec.concurrency ?? null,
    needs: (spec.needs ?? []).map(({ suite, runId }) => ({ suite, workflow_id: publicRunId(runId) })),
    env: { ...spec.env },
    image: spec.image ?? null,
    cpu: spec.cpuUnits,
    memory: spec.memoryMib,
    timeout_seconds: spec.timeoutSeconds,
    retries: spec.retries,
    rerun: spec.rerun ?? null,
    passed_on_retry: [...(outcome?.passedOnRetry ?? [])],
    stack: stackView(run),
    launches: run.launches,
    executor: run.task?.executor ?? null,
    caches: (outcome?.caches ?? []).map((use) => ({
      name: use.name,
      outcome: use.outcome,
      branch: use.branch ?? null,
      size_bytes: use.sizeBytes ?? null,
      restore_seconds: use.restoreSeconds ?? null,
      saved_bytes: use.savedBytes ?? null,
      save_seconds: use.saveSeconds ?? null,
      note: use.note ?? null,
    })),
    services: servicesView(deps, run),
    cache_saved_seconds: outcome?.cacheSavedSeconds ?? null,
    phases: run.phases.map((phase) => ({
      name: phase.name,
      started_at: phase.startedAt,
      finished_at: phase.finishedAt ?? null,
    })),
    timeline: timelineOf(run).map(({ step, from, to }) => ({
      step,
      started_at: from.toISOString(),
      finished_at: isoOrNull(to),
    })),
    cancelled:
      run.cancel === undefined
        ? null
        : { at: run.cancel.at.toISOString(), reason: run.cancel.reason, by: run.cancel.by ?? null },
    failures: (outcome?.failures ?? []).map(({ file, line, details, ...failure }) => ({
      ...failure,
      file: file ?? null,
      line: line ?? null,
      details: details ?? null,
    })),
    warnings: [...(outcome?.warnings ?? [])],
    artifacts: artifactViews(deps, run),
    log_tail: [...(outcome?.logTail ?? [])],
    github: githubView(run),
    links: {
      commit: deps.links.commit(run) ?? null,
      pull_request: deps.links.pullRequest(run) ?? null,
      check_run: deps.links.checkRun(run) ?? null,
      console: deps.logs.consoleUrl(run) ?? null,
      tests: workflowUrl(deps, run, '/tests'),
      artifacts: workflowUrl(deps, run, '/artifacts'),
    },
  };
}

function servicesView(deps: ViewDeps, run: Run): z.output<typeof workflowSchema>['services'] {
  return (run.spec.services ?? []).map(({ name, image, cpuUnits, memoryMib }) => {
    const status = run.taskStatus?.services?.find((one) => one.name === name);
    return {
      name,
      image,
      cpu: cpuUnits,
      memory: memoryMib,
      state: status?.state ?? null,
      exit_code: status?.exitCode ?? null,
      out_of_memory: status?.outOfMemory === true,
      logs_url: workflowUrl(deps, run, `/logs?${new URLSearchParams({ service: name })}`),
    };
  });
}

export function artifactViews(deps: Pick<ViewDeps, 'publicUrl' | 'artifacts'>, run: Run) {
  return (run.outcome?.artifacts ?? []).map(({ path, sizeBytes, isReport }) => ({
    path,
    size_bytes: sizeBytes,
    is_report: isReport,
    url: workflowUrl(deps, run, `/artifacts/${encodedPath(path)}`),
    view_url: deps.artifacts === undefined ? null : workflowUrl(deps, run, `/view/${encodedPath(path)}`),
  }));
}

/** The runner's names come from untrusted code: invalid Unicode becomes U+FFFD, because encoding it would throw. */
export function encodedPath(path: string): string {
  return path
    .split('/')
    .map((name) => encodeURIComponent(Buffer.from(name).toString()))
    .join('/');
}

export function workflowUrl(deps: Pick<ViewDeps, 'publicUrl'>, run: Run, rest: string): string {
  return `${deps.publicUrl}/workflow/${run.id}${rest}`;
}

export function waitingView(run: Run) {
  const { waiting } = run;
  return waiting === undefined
    ? null
    : {
        reason: waiting.reason,
        position: waiting.position ?? null,
        stack_name: waiting.stackName ?? null,
        deploy: waiting.deploy ?? null,
        suite: waiting.suite ?? null,
        group: waiting.group ?? null,
      };
}

function stackView({ spec: { stack }, held }: Run) {
  if (stack === undefined) return null;
  return {
    name: stack.name ?? null,
    holder: publicHolder(stack.holder),
    // Clients of version 0.1.0 know two kinds.
    hold: stack.hold === 'branch' ? 'pull_request' : stack.hold,
    held:
      held === undefined
        ? null
        : {
            stack_name: held.stackName,
            lock_token: held.token,
            is_new: held.isNew,
            last_deployed_commit: held.lastDeployedCommit ?? null,
          },
  };
}

function githubView({ github }: Run) {
  if (github === undefined) return null;
  return {
    owner: github.owner,
    repo: github.repo,
    head_sha: github.headSha,
    pull_request: github.pullRequest ?? null,
    check_run_id: github.checkRunId ?? null,
  };
}

function testsView(tests: NonNullable<Run['outcome']>['tests']) {
  if (tests === undefined) return null;
  const { durationSeconds, ...counts } = tests;
  return { ...counts, duration_seconds: durationSeconds };
}

function isoOrNull(date: Date | undefined): string | null {
  return date?.toISOString() ?? null;
}

function publicOrNull(id: RunId | undefined): string | null {
  return id === undefined ? null : publicRunId(id);
}
