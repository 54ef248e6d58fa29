import { later } from '../../lib/later.ts';
import { omitUndefined } from '../../lib/omit-undefined.ts';
import type { LaunchRequest } from '../../ports/executor.ts';
import type { Deps } from '../deps.ts';
import { BerthError, type ErrorCode, LostRace, TryLater } from '../model/errors.ts';
import { type Outcome, outcomeWithoutResult } from '../model/outcome.ts';
import type { Run } from '../model/run.ts';
import { isTerminal, type TerminalState } from '../model/run-state.ts';
import { finish } from '../model/run-transitions.ts';
import { servicesUnsupported } from '../model/service.ts';
import type { TaskRef, TaskStatus } from '../model/task.ts';
import { projectOf } from '../projects/project-of.ts';
import { type JobDeps, writeJob } from './build-job.ts';
import { done, type ReconcileResult, requeue } from './known-run.ts';

export type LaunchDeps = JobDeps & Pick<Deps, 'store' | 'clock' | 'log'>;

/** Temporary failures: missing capacity, an engine that restarts, GitHub that does not answer. */
const passing: ReadonlySet<ErrorCode> = new Set([
  'no_capacity',
  'engine_unreachable',
  'github_unavailable',
  'storage_full',
]);
/** How long to retry after anything but missing capacity: longer than usual outages. */
const patienceSeconds = 24 * 3600;

/**
 * Launches the task of a run that has its stack, or needs none.
 *
 * The intent to launch was written before (`launches`), and launching is idempotent, so a crash anywhere here is followed
 * by the same launch and not by a second task. Whether a launch took place may be unknown at any moment. So a run never
 * ends here before its launch is withdrawn: its stack must not go to the next holder while its command runs.
 *
 * @param seen receives the status of the new task, so that the next step need not read it.
 * @param isFirstCall whether this process has just written the intent.
 */
export async function launchTask(
  deps: LaunchDeps,
  run: Run,
  seen: Map<string, TaskStatus>,
  isFirstCall: boolean,
): Promise<ReconcileResult> {
  if (run.cancel !== undefined) {
    return endLaunch(deps, run, seen, 'cancelled', outcomeWithoutResult(run.cancel.reason));
  }
  try {
    const { executor } = deps;
    const { services = [] } = run.spec;
    if (executor.withoutServices && services.length > 0) throw servicesUnsupported(executor.name, services);
    const request = { ...(await requestOf(deps, run, true)), ...(isFirstCall ? { isFirstCall } : {}) };
    return await saveTask(deps, run, await executor.launch(request), seen);
  } catch (error) {
    if (error instanceof LostRace) throw error;
    deps.log.warn({ runId: run.id, err: error }, 'the task could not be launched');
    const retryAt = retryLaunchAt(deps, run, error);
    if (retryAt !== undefined) {
      await deps.store.runs.save({ ...run, dueAt: retryAt }, deps.clock.now());
      return done;
    }
    return endLaunch(deps, run, seen, 'errored', launchFailure(error));
  }
}

/** @returns undefined if launching again would fail again, or was tried for long enough. */
function retryLaunchAt(deps: Pick<Deps, 'clock' | 'policy'>, run: Run, error: unknown): Date | undefined {
  const now = deps.clock.now();
  if (error instanceof TryLater) return error.at;
  if (error instanceof BerthError && !passing.has(error.code)) return undefined;
  const isRoom = error instanceof BerthError && error.code === 'no_capacity';
  // The other half of the time is for the task to start, if it is launched in the end.
  const patience = isRoom ? deps.policy.startLimitSeconds / 2 : patienceSeconds;
  return now < later(run.stateSince, patience) ? later(now, deps.policy.waitCheckSeconds) : undefined;
}

function launchFailure(error: unknown): Outcome {
  if (!(error instanceof BerthError)) return outcomeWithoutResult(String(error), 'launch_failed');
  const summary = error.hint === undefined ? error.message : `${error.message} ${error.hint}`;
  return outcomeWithoutResult(summary, error.code);
}

/** Ends a run during its launch, after it is known that its task does not run. A running task is first stopped and watched. */
async function endLaunch(
  deps: LaunchDeps,
  run: Run,
  seen: Map<string, TaskStatus>,
  state: TerminalState,
  outcome: Outcome,
): Promise<ReconcileResult> {
  const status = await deps.executor.withdraw(await requestOf(deps, run, false));
  if (status !== undefined) {
    const stop =
      run.cancel === undefined ? { stop: { at: deps.clock.now(), because: 'not_started' as const } } : {};
    return saveTask(deps, { ...run, ...stop }, status, seen);
  }
  const now = deps.clock.now();
  await deps.store.runs.save(finish(run, state, outcome, now), now);
  return requeue;
}

/** @param writesJob false for a request that must not start anything. */
async function requestOf(deps: LaunchDeps, run: Run, writesJob: boolean): Promise<LaunchRequest> {
  const { spec } = run;
  const { jobUrl, services } = writesJob
    ? await writeJob(deps, run, await projectOf(deps, run.projectId))
    : { jobUrl: 'withdrawn:', services: spec.services ?? [] };
  return omitUndefined({
    runId: run.id,
    projectId: run.projectId,
    launch: run.launches,
    jobUrl,
    image: spec.image,
    cpuUnits: spec.cpuUnits,
    memoryMib: spec.memoryMib,
    ephemeralStorageGib: spec.ephemeralStorageGib,
    timeoutSeconds: spec.timeoutSeconds,
    env: { REPO_URL: spec.source.url, BRANCH: spec.branch, TEST_COMMAND: spec.command, RUN_ID: run.id },
    stackName: run.held?.stackName,
    holder: run.held === undefined ? undefined : spec.stack?.holder,
    untrusted: spec.untrusted,
    taskRole: spec.taskRole === true && !spec.untrusted ? (true as const) : undefined,
    localRepository: spec.source.kind === 'git' ? localPathOf(spec.source.url) : undefined,
    services: services.length === 0 ? undefined : services,
  });
}

function localPathOf(url: string): string | undefined {
  return url.startsWith('file://') ? decodeURIComponent(new URL(url).pathname) : undefined;
}

/** Stores the task. If the run has ended in the meantime, stops the task here, because nothing else knows about it. */
async function saveTask(
  deps: LaunchDeps,
  run: Run,
  status: TaskStatus,
  seen: Map<string, TaskStatus>,
): Promise<ReconcileResult> {
  seen.set(status.arn, status);
  const task: TaskRef = { executor: deps.executor.name, arn: status.arn };
  const now = deps.clock.now();
  const dueAt = later(now, deps.policy.observeEverySeconds);
  try {
    await deps.store.runs.save({ ...run, task, taskStatus: status, dueAt }, now);
    return requeue;
  } catch (error) {
    const latest = error instanceof LostRace ? await deps.store.runs.get(run.id) : undefined;
    if (latest !== undefined && isTerminal(latest.state) && latest.task?.arn !== task.arn) {
      await deps.executor.stop(task, 'The run ended before its task was launched.');
    }
    throw error;
  }
}
