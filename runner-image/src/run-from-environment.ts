import { randomBytes } from 'node:crypto';
import type { Writable } from 'node:stream';
import type { Job, JobResult } from '../../app/domain/job.ts';
import type { Cancellation } from './cancellation.ts';
import { exitCodeOf } from './exit-code.ts';
import { fetchJob } from './fetch-job.ts';
import { createProgressReporter } from './http/progress-reporter.ts';
import { bytesBody, putTarget } from './http/put-target.ts';
import { createRunLog, type RunLog } from './output/run-log.ts';
import { baseEnv } from './process/command-env.ts';
import { createRunPhases } from './run-phases.ts';
import { runSuite, type SuiteEnd } from './run-suite.ts';
import { errorText, RunnerError } from './runner-error.ts';
import { openWorkspace } from './workspace.ts';

export interface RunnerDeps {
  /** Loses `BERTH_JOB_URL`. */
  readonly env: NodeJS.ProcessEnv;
  readonly stdout: Writable;
  readonly cancellation: Cancellation;
  readonly now: () => Date;
}

/**
 * Fetches the job, runs it, and uploads what came of it.
 *
 * @returns the exit code of the runner
 */
export async function runFromEnvironment(deps: RunnerDeps): Promise<number> {
  const log = createRunLog(deps.stdout);
  const { BERTH_JOB_URL: url, BERTH_WORK_DIR: workDirectory } = deps.env;
  delete deps.env.BERTH_JOB_URL;
  delete deps.env.BERTH_WORK_DIR;
  try {
    const job = await fetchJob(url, deps.cancellation.requested);
    return await runJob(job, workDirectory, log, deps);
  } catch (error) {
    if (deps.cancellation.requested.aborted) return deps.cancellation.exitCode;
    log.say(error instanceof RunnerError ? error.message : `The runner failed: ${errorText(error)}.`);
    return exitCodeOf({ outcome: 'errored', exitCode: null }, deps.cancellation);
  } finally {
    await log.flushed(deps.cancellation.resultEnds);
  }
}

async function runJob(
  job: Job,
  workDirectory: string | undefined,
  log: RunLog,
  deps: RunnerDeps,
): Promise<number> {
  const { cancellation } = deps;
  const workspace = await openWorkspace(workDirectory);
  const progress = createProgressReporter(() => job.uploads.progress);
  const phases = createRunPhases(deps.now, () =>
    progress.report({ version: 1, runId: job.runId, phases: phases.list() }),
  );
  try {
    const end = await runSuite(job, {
      workspace,
      log,
      phases,
      cancellation,
      baseEnv: baseEnv({
        own: deps.env,
        temporaryDirectory: workspace.temporary,
        tag: randomBytes(8).toString('hex'),
      }),
      secrets: Object.values(job.secretEnv),
      onCheckedOut: async () => undefined,
    });
    phases.start('upload');
    if (end.error !== undefined) log.say(end.error.message);
    phases.finish();
    progress.stop();
    await uploadResult(job, resultOf(job, end, phases.list(), log), cancellation);
    return exitCodeOf(end, cancellation);
  } finally {
    await workspace.remove();
  }
}

function resultOf(job: Job, end: SuiteEnd, phases: JobResult['phases'], log: RunLog): JobResult {
  return {
    version: 1,
    runId: job.runId,
    outcome: end.outcome,
    exitCode: end.exitCode,
    ...(end.signal === undefined ? {} : { signal: end.signal }),
    ...(end.error === undefined ? {} : { error: { code: end.error.code, message: end.error.message } }),
    ...(end.sha === undefined ? {} : { sha: end.sha }),
    phases,
    failures: [],
    slowest: [],
    warnings: [],
    artifacts: [],
    logTail: log.tail.lines({ count: 100, maxCharacters: 2_000 }),
  };
}

async function uploadResult(job: Job, result: JobResult, cancellation: Cancellation): Promise<void> {
  await putTarget(job.uploads.result, bytesBody(JSON.stringify(result)), {
    contentType: 'application/json',
    signal: cancellation.resultEnds,
  });
}
