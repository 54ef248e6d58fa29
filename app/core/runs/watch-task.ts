import { later } from '../../lib/later.ts';
import { omitUndefined } from '../../lib/omit-undefined.ts';
import type { Deps } from '../deps.ts';
import {
  type JobProgress,
  type JobResult,
  jobProgressSchema,
  jobResultSchema,
  maxResultBytes,
} from '../model/job.ts';
import { type Outcome, outcomeWithoutResult } from '../model/outcome.ts';
import type { Run } from '../model/run.ts';
import { runObjectKey } from '../model/run-keys.ts';
import type { TerminalState } from '../model/run-state.ts';
import { finish, markRunning, transition } from '../model/run-transitions.ts';
import { lastStatuses, type TaskRef, type TaskStatus } from '../model/task.ts';
import { readJson } from '../results/read-json.ts';
import { recordDeploy } from '../stacks/record-deploy.ts';
import { conclude, notStartedReason } from './conclude.ts';
import { done, type ReconcileResult, requeue } from './known-run.ts';

export type WatchDeps = Pick<
  Deps,
  'store' | 'executor' | 'objects' | 'events' | 'clock' | 'ids' | 'log' | 'policy' | 'cost'
>;

/** Follows the task of a run until it ends, and stops it on request or at the time limit. */
export async function watchTask(
  deps: WatchDeps,
  run: Run,
  task: TaskRef,
  seen: ReadonlyMap<string, TaskStatus>,
): Promise<ReconcileResult> {
  const reported = seen.get(task.arn);
  const status = reported ?? (await deps.executor.describe([task])).get(task.arn);
  if (status === undefined) return missing(deps, run, task);
  if (status.lastStatus === 'STOPPED') return concludeTask(deps, run, status);
  if (await stopWhereDue(deps, run, task, status)) return done;
  const isCheck = reported === undefined || run.dueAt === undefined || run.dueAt <= deps.clock.now();
  if (!isCheck && isKnown(run, status)) return done;
  return noteStatus(deps, run, status, isCheck);
}

/** Whether the state in an event is already recorded, or older. Events can arrive twice, and late. */
function isKnown({ state, taskStatus, missingSince }: Run, reported: TaskStatus): boolean {
  if (taskStatus === undefined || missingSince !== undefined) return false;
  if (reported.lastStatus === 'RUNNING' && state === 'provisioning') return false;
  return lastStatuses.indexOf(reported.lastStatus) <= lastStatuses.indexOf(taskStatus.lastStatus);
}

/** @param isCheck whether the run is due, so that its progress is read too; an event has no progress. */
async function noteStatus(
  deps: WatchDeps,
  run: Run,
  status: TaskStatus,
  isCheck: boolean,
): Promise<ReconcileResult> {
  const now = deps.clock.now();
  const dueAt = later(now, deps.policy.observeEverySeconds);
  const { missingSince: _, ...known } = run;
  if (status.lastStatus === 'RUNNING' && run.state === 'provisioning') {
    // An event changes no time that is still to come.
    const nextDue = isCheck || run.dueAt === undefined ? dueAt : run.dueAt;
    const saved = await deps.store.runs.save({ ...markRunning(run, status, now), dueAt: nextDue }, now);
    await deps.events.publish({ type: 'RunStarted', run: saved });
    return requeue;
  }
  const { phases, ...progress } = isCheck ? await readProgress(deps, run) : run;
  // The runner has read its job: delete it, because it contains the token.
  if (run.phases.length === 0 && phases.length > 0)
    await deps.objects.delete(runObjectKey(run.id, 'job.json'));
  await deps.store.runs.save({ ...known, ...commitOf(progress), taskStatus: status, phases, dueAt }, now);
  return done;
}

async function readProgress(
  deps: Pick<Deps, 'objects' | 'log'>,
  run: Run,
): Promise<Pick<Run, 'phases' | 'commit'>> {
  const progress = await readJson(
    deps,
    runObjectKey(run.id, 'progress.json'),
    jobProgressSchema,
    maxResultBytes,
  );
  return isOfLaunch(progress, run) && progress.phases.length >= run.phases.length ? progress : run;
}

function commitOf({ commit }: Pick<Run, 'commit'>): Pick<Run, 'commit'> {
  return commit === undefined ? {} : { commit };
}

/** The task has stopped: its result, or the lack of one, ends the run. */
async function concludeTask(deps: WatchDeps, run: Run, status: TaskStatus): Promise<ReconcileResult> {
  const now = deps.clock.now();
  const result = await readResult(deps, run);
  const conclusion = conclude(run, status, result, deps.policy.maxLaunches);
  const costUsd = costSoFar(deps, run, status.stoppedAt ?? now, status);
  if (conclusion.kind === 'launch again') {
    deps.log.warn(
      { runId: run.id, why: conclusion.why },
      'the infrastructure ended the task; launching again',
    );
    // The progress of this task would look like that of the next one, whose job would then be deleted before it is read.
    await deps.objects.delete(runObjectKey(run.id, 'progress.json'));
    const { task, taskStatus: _, startedAt: __, stop: ___, missingSince: ____, ...rest } = run;
    const change = { launches: run.launches + 1, phases: [], dueAt: now, earlierCostUsd: costUsd };
    const next = transition(rest, 'provisioning', now, omitUndefined(change));
    await deps.store.runs.save({ ...next, stateSince: now }, now);
    if (task !== undefined) await deps.executor.remove(task);
    return requeue;
  }
  const outcome = { ...conclusion.outcome, ...omitUndefined({ costUsd }) };
  const change = {
    ...run,
    taskStatus: status,
    ...(run.startedAt === undefined && status.startedAt !== undefined ? { startedAt: status.startedAt } : {}),
    ...(result === undefined ? {} : { phases: result.phases, ...commitOf(result) }),
    ...(run.sha === undefined && result?.sha !== undefined ? { sha: result.sha } : {}),
  };
  await deps.store.runs.save(await endedAs(deps, change, conclusion.state, outcome), now);
  return requeue;
}

/** Records the deployment on its stack before its run ends, so that runs that need it find it. */
async function endedAs(deps: WatchDeps, run: Run, state: TerminalState, outcome: Outcome): Promise<Run> {
  const isDeployed = run.spec.deploy !== undefined && state === 'succeeded';
  const end = isDeployed ? await recordDeploy(deps, run, outcome) : { state, outcome };
  const finished = finish(run, end.state, end.outcome, deps.clock.now());
  return 'deployed' in end ? omitUndefined({ ...finished, deployed: end.deployed }) : finished;
}

/** The cost of all tasks of the run. The last known status of the current one may be newer or older than `status`. */
function costSoFar(deps: Pick<Deps, 'cost'>, run: Run, end: Date, status?: TaskStatus): number | undefined {
  const taskStatus = status === undefined ? run.taskStatus : { ...run.taskStatus, ...status };
  const costUsd = deps.cost({ ...run, ...omitUndefined({ taskStatus }) }, end);
  return run.earlierCostUsd === undefined ? costUsd : run.earlierCostUsd + (costUsd ?? 0);
}

async function readResult(deps: Pick<Deps, 'objects' | 'log'>, run: Run): Promise<JobResult | undefined> {
  const result = await readJson(deps, runObjectKey(run.id, 'result.json'), jobResultSchema, maxResultBytes);
  return isOfLaunch(result, run) ? result : undefined;
}

/** The documents of an earlier launch stay until the runner of the current one replaces them. */
function isOfLaunch<T extends JobProgress | JobResult>(document: T | undefined, run: Run): document is T {
  return document?.runId === run.id && (document.launch === undefined || document.launch === run.launches);
}

/** The executor does not know the task: not yet, or, after a while, no longer. */
async function missing(deps: WatchDeps, run: Run, task: TaskRef): Promise<ReconcileResult> {
  const now = deps.clock.now();
  const since = run.missingSince ?? now;
  if (now < later(since, deps.policy.missingGraceSeconds)) {
    await deps.store.runs.save(
      { ...run, missingSince: since, dueAt: later(now, deps.policy.observeEverySeconds) },
      now,
    );
    return done;
  }
  // The result of its runner still counts, if there is one.
  const result = await readResult(deps, run);
  if (result !== undefined) {
    return concludeTask(deps, run, { arn: task.arn, lastStatus: 'STOPPED', desiredStatus: 'STOPPED' });
  }
  const outcome =
    run.cancel === undefined
      ? outcomeWithoutResult('The task disappeared and left no result. Retest the run.', 'task_lost')
      : outcomeWithoutResult(run.cancel.reason);
  const costUsd = costSoFar(deps, run, since);
  const paid = { ...outcome, ...omitUndefined({ costUsd }) };
  await deps.store.runs.save(finish(run, run.cancel === undefined ? 'errored' : 'cancelled', paid, now), now);
  return requeue;
}

/**
 * Stops a task that was canceled or takes too long. The run does not end before its task is known to have stopped: until
 * then its command may still use the stack.
 *
 * @returns true if the task is being stopped, and the run only has to wait for it.
 */
async function stopWhereDue(deps: WatchDeps, run: Run, task: TaskRef, status: TaskStatus): Promise<boolean> {
  const now = deps.clock.now();
  const stop = run.stop ?? reasonToStop(deps, run, now);
  if (stop === undefined) return false;
  if (now > later(stop.at, deps.policy.stopLimitSeconds)) {
    deps.log.error(
      { runId: run.id, task: task.arn },
      'a task does not stop; its run and its stack wait for it',
    );
  }
  // Repeated at every reconcile: a lost stop only causes a delay.
  await deps.executor.stop(task, stopReasons[stop.because]);
  const dueAt = later(now, stopCheckSeconds(deps, stop.at, now));
  await deps.store.runs.save(
    { ...run, stop, taskStatus: { ...status, desiredStatus: 'STOPPED' }, dueAt },
    now,
  );
  return true;
}

/** The longer a stop takes, the less often it is checked. */
function stopCheckSeconds({ policy }: Pick<Deps, 'policy'>, since: Date, now: Date): number {
  const elapsedSeconds = (now.getTime() - since.getTime()) / 1000;
  return Math.min(Math.max(policy.observeEverySeconds, elapsedSeconds / 4), 300);
}

/** The first text is exact: clients read it as the stopped reason (CONTRACTS, Workflows). */
const stopReasons = {
  cancelled: 'Workflow cancelled by API request.',
  timed_out: 'Time limit exceeded.',
  not_started: notStartedReason,
} as const;

function reasonToStop(deps: Pick<Deps, 'policy'>, run: Run, now: Date): Run['stop'] {
  if (run.cancel !== undefined) return { at: now, because: 'cancelled' };
  const { policy } = deps;
  if (run.state === 'provisioning') {
    // Services become ready before the task starts.
    const servicesSeconds = Math.max(0, ...(run.spec.services ?? []).map((one) => one.timeoutSeconds));
    return now > later(run.stateSince, policy.startLimitSeconds + servicesSeconds)
      ? { at: now, because: 'not_started' }
      : undefined;
  }
  // The runner keeps the limit itself; this is for a runner that cannot.
  const limit = later(run.startedAt ?? run.stateSince, run.spec.timeoutSeconds + policy.overheadSeconds);
  return now > limit ? { at: now, because: 'timed_out' } : undefined;
}
