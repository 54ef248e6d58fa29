import type { Writable } from 'node:stream';
import { erroredExitCode } from '../../app/core/model/job.ts';
import type { Cancellation } from './cancellation.ts';
import { fetchJob, RejectedJob } from './fetch-job.ts';
import { createRunLog, type RunLog } from './output/run-log.ts';
import { forgetVariable } from './process/forget-variable.ts';
import type { ReportPage } from './report/build-report.ts';
import { runJob } from './run-job.ts';
import { errorText, RunnerError } from './runner-error.ts';
import { uploadFailure } from './upload-failure.ts';

export interface RunnerDeps {
  /** Variables that only the runner may know are removed from it. */
  readonly env: NodeJS.ProcessEnv;
  readonly stdout: Writable;
  readonly cancellation: Cancellation;
  readonly page: ReportPage;
  readonly now: () => Date;
}

/**
 * Fetches the job and runs it. Catches every unexpected error, so a run never ends without a message.
 *
 * @returns the exit code of the runner
 */
export async function runFromEnvironment(deps: RunnerDeps): Promise<number> {
  const { cancellation } = deps;
  const writesTimes = forgetVariable(deps.env, 'BERTH_LOG_TIMES') === 'true';
  const log = createRunLog(deps.stdout, writesTimes ? deps.now : undefined);
  const jobUrl = forgetVariable(deps.env, 'BERTH_JOB_URL');
  const workDirectory = forgetVariable(deps.env, 'BERTH_WORK_DIR');
  let document: unknown;
  try {
    const job = await fetchJob(jobUrl, cancellation.requested);
    document = job;
    if (job.limits.logBytes !== undefined) log.limit(job.limits.logBytes);
    return await runJob(job, { ...deps, workDirectory, log });
  } catch (error) {
    if (error instanceof RejectedJob) document = error.document;
    return await fail(error, document, log, deps);
  } finally {
    await log.flushed(cancellation.resultEnds);
  }
}

async function fail(error: unknown, document: unknown, log: RunLog, deps: RunnerDeps): Promise<number> {
  const { cancellation, now } = deps;
  const isCancelled = cancellation.requested.aborted;
  const failure =
    error instanceof RunnerError
      ? error
      : new RunnerError('runner_failed', `The runner failed: ${errorText(error)}.`, error);
  if (!isCancelled) log.say(failure.message);
  await uploadFailure({
    document,
    failure: isCancelled ? undefined : failure,
    at: now(),
    log,
    signal: cancellation.resultEnds,
  }).catch((reason: unknown) => log.say(`The result could not be uploaded: ${errorText(reason)}`));
  return isCancelled ? cancellation.exitCode : erroredExitCode;
}
