import type { RunState } from '../core/model/run-state.ts';

/**
 * The exit codes of `berth`. A run whose tests failed ends with the exit code of its command instead, which
 * may be any of these numbers: `--json` tells them apart.
 */
export const exitCodes = {
  succeeded: 0,
  /** The tests failed without an exit code. */
  testsFailed: 1,
  usage: 2,
  unreachable: 3,
  refused: 4,
  serverError: 5,
  /** Berth or the infrastructure could not run the tests. */
  runErrored: 6,
  /** The exit code of timeout(1). */
  runTimedOut: 124,
  /** The exit code that a shell reports for a command that Ctrl-C ended. */
  cancelled: 130,
} as const;

/**
 * Returns the exit code for a run.
 *
 * @param commandExitCode the exit code of the run's command; null if the command did not finish.
 * @returns undefined while the run is active.
 */
export function exitCodeOf(state: RunState, commandExitCode: number | null): number | undefined {
  switch (state) {
    case 'succeeded':
    case 'skipped':
      return exitCodes.succeeded;
    case 'failed':
      return commandExitCode === null || commandExitCode === 0 ? exitCodes.testsFailed : commandExitCode;
    case 'errored':
      return exitCodes.runErrored;
    case 'timed_out':
      return exitCodes.runTimedOut;
    case 'cancelled':
      return exitCodes.cancelled;
    case 'queued':
    case 'waiting':
    case 'provisioning':
    case 'running':
      return undefined;
  }
}
