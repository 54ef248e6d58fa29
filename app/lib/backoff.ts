/** Remembers what failed recently, so that it is retried less and less often and does not delay anything else. */
export interface Backoff {
  /** How many keys are waiting. */
  readonly size: number;
  isWaiting(key: string, now: Date): boolean;
  /** @returns when to try again. */
  failed(key: string, now: Date): Date;
  succeeded(key: string): void;
}

/** @param options.maxSeconds between two attempts; the first pause is one second, and each doubles. */
export function createBackoff(options: { maxSeconds: number }): Backoff {
  const waiting = new Map<string, { failures: number; until: Date }>();
  return {
    get size() {
      return waiting.size;
    },
    isWaiting: (key, now) => (waiting.get(key)?.until ?? now) > now,
    failed(key, now) {
      const failures = (waiting.get(key)?.failures ?? 0) + 1;
      const seconds = Math.min(options.maxSeconds, 2 ** (failures - 1));
      const until = new Date(now.getTime() + seconds * 1000);
      waiting.set(key, { failures, until });
      return until;
    },
    succeeded(key) {
      waiting.delete(key);
    },
  };
}
