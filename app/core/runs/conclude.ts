import { counted, durationText, numberText } from '../../lib/format.ts';
import { omitUndefined } from '../../lib/omit-undefined.ts';
import { isBuildFailure } from '../model/build-failure.ts';
import { describeExit } from '../model/describe-exit.ts';
import { erroredExitCode, type JobResult } from '../model/job.ts';
import { type Outcome, outcomeWithoutResult } from '../model/outcome.ts';
import type { Run } from '../model/run.ts';
import type { TerminalState } from '../model/run-state.ts';
import { serviceEnd } from '../model/service.ts';
import type { TaskStatus } from '../model/task.ts';
import type { TestTotals } from '../model/test-results.ts';

interface End {
  readonly state: TerminalState;
  readonly outcome: Outcome;
}

export type Conclusion =
  | ({ readonly kind: 'end' } & End)
  /** The infrastructure failed; the tests have no result. */
  | { readonly kind: 'launch again'; readonly why: string };

/**
 * Decides the end of a run whose task has stopped.
 *
 * The result of the runner takes precedence, because it saw the tests; then what Berth requested (a cancellation, a time limit);
 * then the reason of the infrastructure.
 */
export function conclude(
  run: Run,
  task: TaskStatus,
  result: JobResult | undefined,
  maxLaunches: number,
): Conclusion {
  const untouched = run.cancel === undefined && run.stop === undefined;
  const interrupted = result === undefined || (result.outcome === 'cancelled' && untouched);
  if (interrupted && untouched && task.failure?.retryable === true && run.launches < maxLaunches) {
    return { kind: 'launch again', why: task.failure.message };
  }
  if (neverStarted(run, result) && run.launches < maxLaunches)
    return { kind: 'launch again', why: task.stoppedReason ?? notStartedReason };
  const failure = untouched && run.launches < maxLaunches ? failureBefore(run, task, result) : undefined;
  if (failure !== undefined) return { kind: 'launch again', why: failure };
  const end =
    result !== undefined && !interrupted ? fromResult(run, result) : withoutResult(run, task, result);
  return { kind: 'end', ...withCause(end, deadServices(run, task, result)) };
}

/** Names the services that ended before the suite did. Not if the suite succeeded: it no longer needed them. */
function withCause(end: End, causes: readonly string[]): End {
  const isOfSuite = ['failed', 'errored', 'timed_out'].includes(end.state);
  if (!isOfSuite || causes.length === 0 || end.outcome.errorCode === 'service_not_ready') return end;
  const { outcome } = end;
  const warnings = causes.map((message) => ({ code: 'service_ended', message }));
  return {
    ...end,
    outcome: {
      ...outcome,
      summary: [...causes, outcome.summary].join(' '),
      warnings: [...outcome.warnings, ...warnings],
    },
  };
}

function deadServices(run: Run, task: TaskStatus, result: JobResult | undefined): string[] {
  const before = run.taskStatus;
  const wasRunning = before !== undefined && before.lastStatus === 'RUNNING';
  return (run.spec.services ?? []).flatMap((service) => {
    const seen = task.services?.find(({ name }) => name === service.name);
    const wasStopped =
      wasRunning && before.services?.some(({ name, state }) => name === service.name && state === 'stopped');
    const isDown = result?.servicesDown?.includes(service.name) === true;
    const isEarly = seen?.endedEarly === true || seen?.outOfMemory === true || wasStopped === true;
    if (!isEarly && !isDown) return [];
    return [`The service ${service.name} ${serviceEnd(seen ?? {}, service)} before the suite ended.`];
  });
}

/** Missing capacity may be available for the next launch. */
function neverStarted(run: Run, result: JobResult | undefined): boolean {
  return run.cancel === undefined && run.stop?.because === 'not_started' && result === undefined;
}

/** A temporary reason why the tests did not start: the network, or a restart of Berth. */
function failureBefore(run: Run, task: TaskStatus, result: JobResult | undefined): string | undefined {
  if (result?.error?.code === 'source_unreachable') return result.error.message;
  // The token of the App may have been revoked. The next launch has another one.
  const isOwnToken = run.github !== undefined && run.launches === 1;
  if (isOwnToken && result?.error?.code === 'authentication_refused') return result.error.message;
  const neverBegan = result === undefined && run.phases.length === 0 && task.exitCode === erroredExitCode;
  return neverBegan ? 'The runner could not read its job.' : undefined;
}

const noReason = 'The runner could not run the tests and gave no reason.';

function fromResult(run: Run, result: JobResult): End {
  const base = outcomeOf(result);
  if (run.cancel !== undefined && (result.outcome === 'cancelled' || result.outcome === 'timed_out')) {
    return { state: 'cancelled', outcome: { ...base, summary: run.cancel.reason } };
  }
  switch (result.outcome) {
    case 'succeeded':
      return { state: 'succeeded', outcome: { ...base, summary: successSummary(result) } };
    case 'failed':
      return { state: 'failed', outcome: { ...base, summary: failureSummary(run, result) } };
    case 'errored': {
      const { code, message } = result.error ?? { code: 'runner_failed', message: noReason };
      const summary = `${message}${code === 'setup_failed' ? guessOf(run) : ''}`;
      return { state: 'errored', outcome: { ...base, summary, errorCode: code } };
    }
    case 'cancelled':
    case 'timed_out': {
      const outcome = { ...base, summary: timeoutSummary(run), errorCode: 'timed_out' };
      return { state: 'timed_out', outcome };
    }
  }
}

function withoutResult(run: Run, task: TaskStatus, result: JobResult | undefined): End {
  const base = result === undefined ? outcomeWithoutResult('') : outcomeOf(result);
  const end = (state: TerminalState, summary: string, errorCode?: string) => ({
    state,
    outcome: {
      ...base,
      exitCode: task.exitCode ?? base.exitCode,
      summary,
      ...omitUndefined({ errorCode }),
    },
  });
  if (run.cancel !== undefined) return end('cancelled', run.cancel.reason);
  if (run.stop?.because === 'timed_out') return end('timed_out', timeoutSummary(run), 'timed_out');
  if (run.stop?.because === 'not_started') {
    return end('errored', notStartedSummary(run, run.stop.at, task.stoppedReason), 'task_not_started');
  }
  if (task.failure !== undefined) return end('errored', task.failure.message, task.failure.code);
  if (result !== undefined)
    return end('errored', 'The task was stopped from outside Berth before its tests ended.', 'interrupted');
  return end(
    'errored',
    `The task ended without a result. ${describeExit({ exitCode: task.exitCode, memoryMib: run.spec.memoryMib })}`,
    'no_result',
  );
}

function outcomeOf(result: JobResult): Outcome {
  return omitUndefined({
    exitCode: result.exitCode,
    summary: '',
    tests: result.tests,
    passedOnRetry: result.passedOnRetry,
    outputs: result.outputs,
    failures: result.failures,
    warnings: result.warnings,
    artifacts: result.artifacts,
    caches: result.caches,
    cacheSavedSeconds: result.cacheSavedSeconds,
    logTail: result.logTail,
    hasReport: !result.warnings.some((warning) => warning.code === 'report_upload_failed'),
  });
}

function successSummary({ tests }: JobResult): string {
  if (tests === undefined) return 'The command succeeded.';
  if (tests.total === 0) return 'The command succeeded; no test was reported.';
  const skipped = tests.skipped === 0 ? '' : `, ${numberText(tests.skipped)} skipped`;
  const flaky = tests.flaky === undefined ? '' : `, ${numberText(tests.flaky)} flaky`;
  const failed =
    tests.failed === 0
      ? ''
      : `, although ${numberText(tests.failed)} failed and the command ended with exit code 0`;
  return `${numberText(tests.passed)} of ${numberText(tests.total)} tests passed${skipped}${flaky}${failed}.${earlierText(tests)}`;
}

/** Says that only failed tests ran. */
function earlierText({ total, earlier }: TestTotals): string {
  if (earlier === undefined) return '';
  const ran = total - earlier;
  return ` Only ${ran === 1 ? 'one test' : counted(ran, 'test')} ran again; the other results are from the earlier run of this commit.`;
}

function failureSummary(run: Run, { tests, exitCode, signal, logTail, failures }: JobResult): string {
  const end = describeExit({ exitCode, signal, memoryMib: run.spec.memoryMib, logTail });
  if (tests !== undefined && tests.failed > 0)
    return `${numberText(tests.failed)} of ${numberText(tests.total)} tests failed.${earlierText(tests)}`;
  if (isBuildFailure(failures)) {
    const [first] = failures;
    return `The build failed, so the tests did not run: ${first?.message ?? ''}`;
  }
  const guessed = guessOf(run);
  return tests === undefined || tests.total === 0
    ? `The command failed. ${end}${guessed}`
    : `${tests.total === 1 ? 'The only test that was' : `All ${tests.total} tests that were`} reported passed, but the command failed. ${end}`;
}

/** Names the origin of the command, for readers who did not choose it. */
function guessOf({ spec }: Run): string {
  const [sentences = ''] = (spec.note ?? '').split('\n\n');
  const guessed = /The command was guessed because .*?\.(?= |$)/.exec(sentences)?.[0];
  return guessed === undefined ? '' : ` ${guessed}`;
}

/** The reason with which Berth stops a task that does not start, as AWS then reports it. */
export const notStartedReason = 'The task did not start in time.';

function notStartedSummary(run: Run, stoppedAt: Date, said: string | undefined): string {
  const waited = durationText((stoppedAt.getTime() - run.stateSince.getTime()) / 1000);
  const isOwn = said === undefined || said === notStartedReason;
  const why = isOwn
    ? 'there was no capacity, its image could not be pulled, or it waited in the job queue.'
    : said;
  return `The task did not start within ${waited} and was stopped: ${why} Retest the run.`;
}

function timeoutSummary(run: Run): string {
  const what = run.spec.deploy === undefined ? 'The tests' : 'The deployment';
  return `${what} took longer than their limit of ${durationText(run.spec.timeoutSeconds)} and were stopped.`;
}
