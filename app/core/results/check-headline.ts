import { counted, durationText, ordinal } from '../../lib/format.ts';
import { isBuildFailure } from '../model/job.ts';
import type { Run } from '../model/run.ts';
import { settingsPath } from '../settings/settings.ts';
import { teardownHeadline } from './teardown-check.ts';

/**
 * The one line that stands beside the check: what is so, without a word of anybody else's. GitHub shows it in lists,
 * so it says the most in the fewest words.
 */
export function checkHeadline(run: Run): string {
  if (run.spec.teardownOf !== undefined) return teardownHeadline(run);
  switch (run.state) {
    case 'queued':
      return run.waiting === undefined ? 'Queued' : waitingHeadline(run);
    case 'waiting':
      return waitingHeadline(run);
    case 'provisioning':
      return run.launches > 1 ? 'Starting again, after a fault that was not the tests’' : 'Starting';
    case 'running':
      return runningHeadline(run);
    case 'succeeded':
      return `${resultHeadline(run)}${run.attempt > 1 ? `, at the ${ordinal(run.attempt)} try` : ''}`;
    case 'failed':
      return resultHeadline(run);
    case 'errored':
      return run.outcome?.errorCode === 'settings_invalid'
        ? `${counted(run.outcome.failures.length, 'mistake')} in ${run.outcome.failures[0]?.file ?? settingsPath}`
        : 'Berth could not run the tests';
    case 'timed_out':
      return `Stopped: not done after ${durationText(run.spec.timeoutSeconds)}`;
    case 'cancelled':
      return 'Cancelled';
    case 'skipped':
      return run.spec.untrusted ? 'Not run: a fork’s pull request needs approval' : 'Not run for this change';
  }
}

function waitingHeadline(run: Run): string {
  switch (run.waiting?.reason) {
    case 'turn':
      return 'Waiting for its turn on the stack';
    case 'capacity':
      return run.waiting.position === undefined
        ? 'Waiting for other runs to end'
        : `Waiting for other runs to end: ${ordinal(run.waiting.position)} in line`;
    default:
      return run.waiting?.position === undefined
        ? 'Waiting for a stack'
        : `Waiting for a stack: ${ordinal(run.waiting.position)} in line`;
  }
}

const phaseWords = {
  fetch: 'checking out the code',
  setup: 'setting up',
  test: 'tests under way',
  report: 'writing the report',
  upload: 'uploading the results',
} as const;

function runningHeadline(run: Run): string {
  const phase = run.phases.at(-1);
  return phase === undefined ? 'Running' : `Running: ${phaseWords[phase.name]}`;
}

function resultHeadline(run: Run): string {
  const tests = run.outcome?.tests;
  const took = tookSeconds(run);
  const time = took === undefined ? '' : ` in ${durationText(took)}`;
  if (run.state === 'failed') {
    if (tests !== undefined && tests.failed > 0) {
      return `${tests.failed.toLocaleString('en-US')} of ${counted(tests.total, 'test')} failed`;
    }
    const { exitCode, failures = [] } = run.outcome ?? {};
    if (isBuildFailure(failures)) return 'The build failed';
    return typeof exitCode === 'number'
      ? `The command failed with exit code ${exitCode}`
      : 'The command failed';
  }
  if (tests === undefined || tests.total === 0) return `Passed${time}`;
  if (tests.failed > 0) {
    return `Exit code 0, although ${tests.failed.toLocaleString('en-US')} of ${counted(tests.total, 'test')} failed`;
  }
  const skipped = tests.skipped === 0 ? '' : `, ${tests.skipped.toLocaleString('en-US')} skipped`;
  return `${counted(tests.passed, 'test')} passed${skipped}${time}`;
}

/** Seconds from the start of the task to the run's end; undefined where it never started. */
export function tookSeconds(run: Run): number | undefined {
  if (run.startedAt === undefined || run.finishedAt === undefined) return undefined;
  return Math.max(0, (run.finishedAt.getTime() - run.startedAt.getTime()) / 1000);
}
