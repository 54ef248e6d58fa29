import type { Clock } from '../../ports/clock.ts';

export interface RateLimit {
  /** How many requests a caller may make in a row after a rest. */
  readonly burst: number;
  readonly perMinute: number;
}

export interface RateLimiter {
  (caller: string): number;
  /** Returns a token, so that the request does not count. */
  releaseHold(caller: string): void;
}

/** How many callers are remembered before idle ones are forgotten. */
const roomForCallers = 10_000;

/**
 * Counts requests by a token bucket for each caller, in the memory of this process: several processes allow several
 * times as much, which is fine for a limit that keeps one caller's loop from starving the others.
 *
 * The bucket is kept as one number, the moment at which it will be full again (the generic cell rate algorithm), so
 * that nothing has to be refilled by a timer.
 *
 * @returns takes one token of a caller, and returns how many seconds to wait if no token is left; 0 otherwise.
 */
export function rateLimiter(clock: Clock, limit: RateLimit): RateLimiter {
  const fullAt = new Map<string, number>();
  const intervalMs = 60_000 / limit.perMinute;
  const roomMs = limit.burst * intervalMs;

  const take = (caller: string): number => {
    const now = clock.now().getTime();
    const at = fullAt.get(caller) ?? now;
    // A bucket is full again after this time at the latest: one that is not was counted before the clock was set back.
    const from = at > now + roomMs ? now : Math.max(at, now);
    const next = from + intervalMs;
    const waitMs = next - now - roomMs;
    if (waitMs > 0) return Math.ceil(waitMs / 1000);
    if (fullAt.size >= roomForCallers) forgetFull(fullAt, now);
    fullAt.set(caller, next);
    return 0;
  };
  const releaseHold = (caller: string): void => {
    const at = fullAt.get(caller);
    if (at !== undefined) fullAt.set(caller, at - intervalMs);
  };
  return Object.assign(take, { releaseHold });
}

function forgetFull(fullAt: Map<string, number>, now: number): void {
  for (const [caller, at] of fullAt) if (at <= now) fullAt.delete(caller);
}
