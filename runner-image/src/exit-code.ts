import { constants } from 'node:os';
import { erroredExitCode } from '../../app/core/model/job.ts';
import type { Cancellation } from './cancellation.ts';
import type { SuiteEnd } from './run-suite.ts';

/** As `timeout(1)` has it. */
const timedOutCode = 124;
/**
 * @returns the runner's exit code: the command's own where it ran to its end.
 */
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
