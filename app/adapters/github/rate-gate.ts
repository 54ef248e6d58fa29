import { TryLater } from '../../core/model/errors.ts';
import { isWaiting } from '../../lib/later.ts';
import type { Clock } from '../../ports/clock.ts';

/** Blocks calls to GitHub for as long as GitHub asked for, and tells callers when to retry. */
export interface RateGate {
  /**
   * @param caller has its own limit: each installation is one.
   * @throws TryLater without a call while the gate is closed for `caller`, and if the answer closes it.
   */
  pass<T>(caller: string, call: () => Promise<T>): Promise<T>;
}

/** GitHub's advice for a limit without a hint: https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api */
const unknownWaitSeconds = 60;

export function createRateGate(clock: Clock): RateGate {
  const shut = new Map<string, { readonly until: Date; readonly seconds: number }>();
  return {
    async pass(caller, call) {
      const known = shut.get(caller);
      if (known !== undefined && isWaiting(known.until, clock.now(), known.seconds))
        throw new TryLater(known.until, `GitHub asked to wait (${caller})`);
      shut.delete(caller);
      try {
        return await call();
      } catch (error) {
        const now = clock.now();
        const at = retryHint(error, now);
        if (at === undefined) throw error;
        shut.set(caller, { until: at, seconds: (at.getTime() - now.getTime()) / 1000 });
        throw new TryLater(at, `GitHub asked to wait (${caller})`, { cause: error });
      }
    },
  };
}

/** The time when GitHub allows the next call; undefined if an error is not about a rate limit. */
export function retryHint(error: unknown, now: Date): Date | undefined {
  const { status, headers, message } = asRequestError(error) ?? {};
  if (status !== 403 && status !== 429) return undefined;
  const after = (seconds: number): Date => new Date(now.getTime() + seconds * 1000);
  const retryAfter = Number(headers?.['retry-after']);
  if (retryAfter > 0) return after(retryAfter);
  const reset = Number(headers?.['x-ratelimit-reset']);
  if (headers?.['x-ratelimit-remaining'] === '0' && reset > 0) {
    // Plus a second, because clocks differ; a reset in the past must not cause a loop without a pause.
    return new Date(Math.max(reset * 1000 + 1000, after(1).getTime()));
  }
  return status === 429 || /rate limit/i.test(message ?? '') ? after(unknownWaitSeconds) : undefined;
}

/** The HTTP status of an error answer; undefined if there was no answer. */
export function statusOf(error: unknown): number | undefined {
  return asRequestError(error)?.status;
}

interface RequestErrorShape {
  readonly status?: number;
  readonly message?: string;
  readonly headers?: Readonly<Record<string, string | undefined>>;
}

/** Checks the shape and not the class: several copies of Octokit's class may be installed. */
function asRequestError(error: unknown): RequestErrorShape | undefined {
  if (!(error instanceof Error) || !('status' in error) || typeof error.status !== 'number') return undefined;
  const response: unknown = 'response' in error ? error.response : undefined;
  const headers: unknown =
    typeof response === 'object' && response !== null && 'headers' in response ? response.headers : undefined;
  return {
    status: error.status,
    message: error.message,
    // Octokit gives the headers of an answer as a record of texts.
    ...(typeof headers === 'object' && headers !== null
      ? { headers: headers as Record<string, string> }
      : {}),
  };
}
