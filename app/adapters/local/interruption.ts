import type { TaskStatus } from '../../core/model/task.ts';

/** Exit codes of a runner that received a signal, such as at a shutdown of the machine: the first for SIGTERM, the second for SIGKILL. */
const exitCodes: Readonly<Record<number, 'TERM' | 'KILL'>> = { 143: 'TERM', 137: 'KILL' };

/**
 * Explains the end of a runner that Berth did not stop: a signal from elsewhere. If tests themselves ended with such a code,
 * their result says so, and takes precedence.
 */
export function interruptionOf(exitCode: number): TaskStatus['failure'] {
  const signal = exitCodes[exitCode];
  if (signal === undefined) return undefined;
  return {
    code: 'interrupted',
    message: `${signal} from outside Berth ended the runner: the machine shut down, or it ran out of memory. Run it again.`,
    retryable: true,
  };
}
