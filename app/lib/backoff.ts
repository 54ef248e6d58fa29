import { isWaiting, later } from './later.ts';

export type Backoff = ReturnType<typeof createBackoff>;

/**
 * Remembers what failed recently, so that it is retried less and less often and does not delay anything else.
 *
 * @param options.maxSeconds between two attempts; the first pause is one second, and each doubles.
 */
export function createBackoff(options: { maxSeconds: number }) {
  const waiting = new Map<string, { failures: number; until: Date }>();
  /** Forgets keys that have not failed again for twice the longest pause: they succeeded elsewhere, or no longer exist. */
  const forget = (now: Date): void => {
    for (const [key, { until }] of waiting)
      if (now.getTime() - until.getTime() > 2 * options.maxSeconds * 1000) waiting.delete(key);
  };
  return {
    /** How many keys are waiting. */
    get size(): number {
      return waiting.size;
    },
    isWaiting(key: string, now: Date): boolean {
      const until = waiting.get(key)?.until;
      return until !== undefined && isWaiting(until, now, options.maxSeconds);
    },
    /** @returns when to try again. */
    failed(key: string, now: Date): Date {
      forget(now);
      const failures = (waiting.get(key)?.failures ?? 0) + 1;
      const seconds = Math.min(options.maxSeconds, 2 ** (failures - 1));
      const until = later(now, seconds);
      waiting.set(key, { failures, until });
      return until;
    },
    succeeded(key: string): void {
      waiting.delete(key);
    },
  };
}
