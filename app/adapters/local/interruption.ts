import type { TaskStatus } from '../../core/model/run.ts';

/** A runner that was told to end, by the shutdown of the machine for one, ends with the first; one killed with the second. */
const exitCodes: Readonly<Record<number, 'TERM' | 'KILL'>> = { 143: 'TERM', 137: 'KILL' };

/**
 * Why a runner ended that Berth did not stop: a signal from elsewhere. Where tests themselves ended with such a code,
 * their result says so, and counts more.
 */
export function interruptionOf(exitCode: number): TaskStatus['failure'] {
  const signal = exitCodes[exitCode];
  if (signal === undefined) return undefined;
  return {
    code: 'interrupted',
    message: `The runner was ended by ${signal} from outside Berth: a shutdown of the machine, or want of memory. Run it again.`,
    retryable: true,
  };
}
