import { BerthError, type ErrorCode } from '../../core/model/errors.ts';
import type { Clock } from '../../ports/clock.ts';
import { type RateLimit, rateLimiter } from './rate-limit.ts';

/** The error codes of failed attempts: a wrong key, token or code, or a sign-in that failed at GitHub. */
const failures: readonly ErrorCode[] = ['unauthorized', 'sign_in_failed', 'github_unavailable'];
/** How many credentials are remembered. */
const roomForShown = 10_000;

export interface Attempt {
  /** Where it comes from. */
  readonly address: string;
  /** A hash of the credential; if omitted, no two attempts are the same. */
  readonly shown?: string;
}

/**
 * Limits how often an address may fail to authenticate, and then makes it wait.
 *
 * - Only failures count: an office behind one address, or a test suite, can sign in any number of times.
 * - A credential that was used before may be used again, because it is not a new guess. So valid keys continue to work
 *   while another client at the same address guesses, and a program that repeats a revoked key does not block others.
 * - An attempt counts from its beginning and is uncounted when it succeeds, so that parallel attempts cannot avoid the
 *   limit.
 *
 * The counts are in the memory of this process, like the limit of requests.
 */
export function authFailureLimiter(clock: Clock, limit: RateLimit) {
  const failuresOf = rateLimiter(clock, limit);
  const shownBefore = new Set<string>();

  function remember(shown: string): void {
    // Newest last; the oldest is removed first.
    shownBefore.delete(shown);
    shownBefore.add(shown);
    const [oldest] = shownBefore;
    if (shownBefore.size > roomForShown && oldest !== undefined) shownBefore.delete(oldest);
  }

  /** @throws BerthError `too_many_failures` without an attempt. */
  return async <Result>({ address, shown }: Attempt, attempt: () => Promise<Result>): Promise<Result> => {
    const isGuess = shown === undefined || !shownBefore.has(shown);
    const seconds = isGuess ? failuresOf(address) : 0;
    if (seconds > 0) throw new TooManyFailures(seconds);
    if (shown !== undefined) remember(shown);
    if (!isGuess) return attempt();
    try {
      const result = await attempt();
      failuresOf.releaseHold(address);
      return result;
    } catch (error) {
      if (!(error instanceof BerthError && failures.includes(error.code))) failuresOf.releaseHold(address);
      throw error;
    }
  };
}

export class TooManyFailures extends BerthError {
  readonly retryAfterSeconds: number;

  constructor(seconds: number) {
    super('too_many_failures', 'Too many failed attempts to sign in from your network address.', {
      hint: `Wait ${seconds} s. Keys and sessions that were in use keep working.`,
    });
    this.retryAfterSeconds = seconds;
  }
}
