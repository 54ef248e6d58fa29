import type { RunState } from '../core/model/run-state.ts';

/**
 * What `berth` tells the shell. A run whose tests failed ends with the exit code of its own command instead, which
 * may be any of these numbers: `--json` tells them apart.
 */
export const exitCodes = {
  succeeded: 0,
  /** The tests failed and left no exit code of their own. */
  testsFailed: 1,
  usage: 2,
  unreachable: 3,
  refused: 4,
  serverFault: 5,
  /** Berth or the infrastructure could not run the tests. */
  runErrored: 6,
  /** As timeout(1) says it. */
  runTimedOut: 124,
  /** As a shell says it of a command that Ctrl-C ended. */
  cancelled: 130,
} as const;

/**
 * The exit code that stands for a run.
 *
 * @param commandExitCode the exit code of the run's command; null where it did not run to its end.
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
