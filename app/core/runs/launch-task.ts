import { omitUndefined } from '../../lib/omit-undefined.ts';
import { type Deps, later } from '../deps.ts';
import { BerthError, LostRace } from '../model/errors.ts';
import { ended, outcomeWithoutResult, type Run, type TaskRef, type TaskStatus } from '../model/run.ts';
import { isTerminal } from '../model/run-state.ts';
import { projectOf } from '../projects/project-of.ts';
import { writeJob } from './build-job.ts';
import { done, type ReconcileResult, requeue } from './reconcile-result.ts';

/**
 * A run with its stack, or without need of one: launches its task.
 *
 * That a launch is meant was written before (`launches`), and launching is idempotent, so that a crash anywhere here
 * is followed by the same launch and not by a second task.
 *
 * @param seen takes what the executor says of the new task: nobody need ask it again at once.
 */
export async function launchTask(
  deps: Deps,
  run: Run,
  seen: Map<string, TaskStatus>,
): Promise<ReconcileResult> {
  const now = deps.clock.now();
  if (run.cancel !== undefined) {
    await stopStray(deps, run);
    await deps.store.runs.save(ended(run, 'cancelled', outcomeWithoutResult(run.cancel.reason), now), now);
    return requeue;
  }
  try {
    const status = await launch(deps, run);
    seen.set(status.arn, status);
    const task: TaskRef = { executor: deps.executor.name, arn: status.arn };
    await saveTask(
      deps,
      { ...run, task, taskStatus: status, dueAt: later(now, deps.policy.observeEverySeconds) },
      task,
    );
    return requeue;
  } catch (error) {
    if (!(error instanceof BerthError)) throw error;
    deps.log.warn({ runId: run.id, err: error }, 'the task could not be launched');
    if (error.code === 'no_capacity' && now < giveUpAt(deps, run)) {
      await deps.store.runs.save({ ...run, dueAt: later(now, deps.policy.waitCheckSeconds) }, now);
      return done;
    }
    const summary = error.hint === undefined ? error.message : `${error.message} ${error.hint}`;
    await deps.store.runs.save(ended(run, 'errored', outcomeWithoutResult(summary, error.code), now), now);
    return requeue;
  }
}

/** Room and quotas come back. The other half of the time is for the task to start, should it be launched at last. */
function giveUpAt({ policy }: Deps, { stateSince }: Run): Date {
  return later(stateSince, policy.startLimitSeconds / 2);
}

async function launch(deps: Deps, run: Run) {
  const { spec } = run;
  const project = await projectOf(deps, run.projectId);
  const jobUrl = await writeJob(deps, run, project);
  const repository = spec.source.kind === 'git' ? localPathOf(spec.source.url) : undefined;
  return deps.executor.launch(
    omitUndefined({
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
      stackName: run.held === undefined ? undefined : run.held.stackName,
      untrusted: spec.untrusted,
      localRepository: repository,
    }),
  );
}

function localPathOf(url: string): string | undefined {
  return url.startsWith('file://') ? decodeURIComponent(new URL(url).pathname) : undefined;
}

/** Remembers the task. Where the run ended meanwhile, nobody else knows of the task: it is stopped here. */
async function saveTask(deps: Deps, run: Run, task: TaskRef): Promise<void> {
  try {
    await deps.store.runs.save(run, deps.clock.now());
  } catch (error) {
    const latest = error instanceof LostRace ? await deps.store.runs.get(run.id) : undefined;
    if (latest !== undefined && isTerminal(latest.state) && latest.task === undefined) {
      await deps.executor.stop(task, 'The run had ended before its task was launched.');
    }
    throw error;
  }
}

/** A cancelled run without a known task may have one all the same, if a crash came between launch and memory. */
async function stopStray(deps: Deps, run: Run): Promise<void> {
  const tasks = await deps.executor.listTasks();
  const strays = tasks.filter((task) => task.runId === run.id);
  await Promise.all(strays.map(({ task }) => deps.executor.stop(task, 'Workflow cancelled by API request.')));
}
