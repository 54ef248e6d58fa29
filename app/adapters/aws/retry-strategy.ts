import type { RetryErrorInfo, RetryStrategyV2, RetryToken } from '@smithy/types';
import { errorKindOf } from './aws-error-kind.ts';

export interface RetryOptions {
  /** A uniform random number in [0, 1). */
  readonly random: () => number;
  /** Counting the first. */
  readonly maxAttempts?: number;
  /** The longest wait before the second attempt; it doubles from one attempt to the next. */
  readonly baseDelayMs?: number;
  readonly maxDelayMs?: number;
  /** False for calls that must not be performed twice: a call whose outcome is unknown is not repeated. */
  readonly retryUnknown?: boolean;
}

/**
 * Retries calls that may succeed the next time, with waits between zero and a growing bound ("full jitter":
 * https://aws.amazon.com/builders-library/timeouts-retries-and-backoff-with-jitter/). The SDK's own strategy gives up
 * on truncated answers, and does not recognize throttling that arrives as another error.
 */
export function createRetryStrategy(options: RetryOptions): RetryStrategyV2 {
  const { random, maxAttempts = 5, baseDelayMs = 200, maxDelayMs = 5_000, retryUnknown = true } = options;
  const token = (retries: number, delayMs: number): RetryToken => ({
    getRetryCount: () => retries,
    getRetryDelay: () => delayMs,
  });
  return {
    acquireInitialRetryToken: async () => token(0, 0),
    refreshRetryTokenForRetry: async (last: RetryToken, { error }: RetryErrorInfo) => {
      const retries = last.getRetryCount() + 1;
      const kind = errorKindOf(error);
      const hopeless = kind === 'refused' || (kind === 'unknown' && !retryUnknown);
      if (hopeless || retries >= maxAttempts) throw error ?? new Error('the call failed');
      const base = kind === 'throttled' ? 2 * baseDelayMs : baseDelayMs;
      return token(retries, Math.floor(random() * Math.min(maxDelayMs, base * 2 ** (retries - 1))));
    },
    recordSuccess: () => {},
  };
}
