import { counted, durationText, numberText, ordinal } from '../../lib/format.ts';
import { isBuildFailure } from '../model/build-failure.ts';
import { settingsPath } from '../model/repository-glance.ts';
import { isRefused, type Run } from '../model/run.ts';
import { awaitedDeploy, deployHeadline } from './deploy-check.ts';
import { teardownHeadline } from './teardown-check.ts';

/**
 * Writes the title of the check, without text from the repository. GitHub shows it in lists, so
 * it is short.
 */
export function checkHeadline(run: Run): string {
  if (run.spec.teardownOf !== undefined) return teardownHeadline(run);
  const deploying = run.spec.deploy === undefined ? undefined : deployHeadline(run, tookSeconds(run));
  if (deploying !== undefined) return deploying;
  if (run.outcome?.errorCode === 'needed_suite_failed') return 'Not run: a suite that it needs did not pass';
  if (run.outcome?.errorCode === 'deploy_failed') return 'Not run: the deployment failed';
  switch (run.state) {
    case 'queued':
      return run.waiting === undefined && run.spec.deploys === undefined ? 'Queued' : waitingHeadline(run);
    case 'waiting':
      return waitingHeadline(run);
    case 'provisioning':
      return run.launches > 1 ? 'Starting again after an infrastructure failure' : 'Starting';
    case 'running':
      return runningHeadline(run);
    case 'succeeded':
      return `${resultHeadline(run)}${run.attempt > 1 ? ` on attempt ${run.attempt}` : ''}`;
    case 'failed':
      return resultHeadline(run);
    case 'errored':
      return run.outcome?.errorCode === 'settings_invalid'
        ? `${counted(run.outcome.failures.length, 'mistake')} in ${run.outcome.failures[0]?.file ?? settingsPath}`
        : 'Berth could not run the tests';
    case 'timed_out':
      return `Timed out after ${durationText(run.spec.timeoutSeconds)}`;
    case 'cancelled':
      return 'Canceled';
    case 'skipped':
      return isRefused(run)
        ? 'Not run: a pull request from a fork needs approval'
        : 'Not run for this change';
  }
}

function waitingHeadline(run: Run): string {
  const deploy = awaitedDeploy(run);
  if (deploy !== undefined) return `Waiting for berth/${deploy}`;
  switch (run.waiting?.reason) {
    case 'suite':
      return `Waiting for berth/${run.waiting.suite ?? ''}`;
    case 'turn':
      return 'Waiting for its turn on the stack';
    case 'capacity':
      return queued(run, run.waiting.group === undefined ? 'a free slot' : 'its concurrency group');
    default:
      return queued(run, 'a stack');
  }
}

function queued({ waiting }: Run, what: string): string {
  const place = waiting?.position === undefined ? '' : `: ${ordinal(waiting.position)} in the queue`;
  return `Waiting for ${what}${place}`;
}

const phaseWords = {
  fetch: 'Checking out the code',
  setup: 'Running setup',
  test: 'Running tests',
  report: 'Writing the report',
  upload: 'Uploading results',
} as const;

function runningHeadline(run: Run): string {
  const phase = run.phases.at(-1);
  return phase === undefined ? 'Running' : phaseWords[phase.name];
}

function resultHeadline(run: Run): string {
  const tests = run.outcome?.tests;
  const took = tookSeconds(run);
  const time = took === undefined ? '' : ` in ${durationText(took)}`;
  if (run.state === 'failed') {
    if (tests !== undefined && tests.failed > 0) {
      return `${numberText(tests.failed)} of ${counted(tests.total, 'test')} failed`;
    }
    const { exitCode, failures = [] } = run.outcome ?? {};
    if (isBuildFailure(failures)) return 'The build failed';
    return typeof exitCode === 'number'
      ? `The command failed with exit code ${exitCode}`
      : 'The command failed';
  }
  if (tests === undefined) return `Passed${time}`;
  if (tests.total === 0) return `The command passed${time}, and no test ran`;
  if (tests.failed > 0) {
    return `Exit code 0, although ${numberText(tests.failed)} of ${counted(tests.total, 'test')} failed`;
  }
  const skipped = tests.skipped === 0 ? '' : `, ${numberText(tests.skipped)} skipped`;
  const flaky = tests.flaky === undefined ? '' : `, ${numberText(tests.flaky)} flaky`;
  return `${counted(tests.passed, 'test')} passed${skipped}${flaky}${time}`;
}

/** Seconds from the start of the task until the run ended; undefined if it never started. */
export function tookSeconds(run: Run): number | undefined {
  if (run.startedAt === undefined || run.finishedAt === undefined) return undefined;
  return Math.max(0, (run.finishedAt.getTime() - run.startedAt.getTime()) / 1000);
}
