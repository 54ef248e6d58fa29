import { constants } from 'node:os';
import { erroredExitCode } from '../../app/core/model/job.ts';
import type { Cancellation } from './cancellation.ts';
import type { SuiteEnd } from './suite-end.ts';

/** The exit code of `timeout(1)`. */
const timedOutCode = 124;

/** @returns the runner's exit code: that of the command, if the command finished. */
export function exitCodeOf(
  end: Pick<SuiteEnd, 'outcome' | 'exitCode' | 'signal'>,
  cancellation: Pick<Cancellation, 'exitCode'>,
): number {
  switch (end.outcome) {
    case 'succeeded':
      return 0;
    case 'failed':
      return end.exitCode ?? 128 + (end.signal === undefined ? 0 : constants.signals[end.signal]);
    case 'timed_out':
      return timedOutCode;
    case 'cancelled':
      return cancellation.exitCode;
    case 'errored':
      return erroredExitCode;
  }
}
