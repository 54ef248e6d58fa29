/** The maximum of Node's timers: 24 days. */
const maxTimerMs = 2 ** 31 - 1;

export interface TimeLimit {
  /** Fires when the time is over. */
  readonly over: AbortSignal;
  clear(): void;
}

/** Starts counting. */
export function startTimeLimit(seconds: number): TimeLimit {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), Math.min(seconds * 1000, maxTimerMs));
  return { over: controller.signal, clear: () => clearTimeout(timer) };
}
