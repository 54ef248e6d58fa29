import { ApiError, Unreachable } from './api-error.ts';

export interface RetryDeps {
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Resolves after a while, or earlier if `signal` fires. */
  readonly sleep: (milliseconds: number, signal?: AbortSignal) => Promise<unknown>;
  /** A uniform random number in [0, 1): clients that failed together must not return together. */
  readonly random: () => number;
  /** Pauses double from the first to the longest. */
  readonly pauses: { readonly firstMs: number; readonly longestMs: number };
  /** How long to retry if the call does not say. */
  readonly patienceMs: () => number;
  /** Reports the first retry that waits for more than a moment. */
  readonly onWait?: (reason: string, patienceMs: number) => void;
  /** Reports the answer that ends such a wait. */
  readonly onAnswer?: (waitedMs: number) => void;
}

interface RetryOptions {
  readonly signal?: AbortSignal | undefined;
  readonly patienceMs?: number | undefined;
  /** Whether the request may arrive twice. */
  readonly isRepeatable: boolean;
}

/** Repeats attempts that fail because the network or the server is unavailable. */
export type Retry = <Answer>(attempt: () => Promise<Answer>, options: RetryOptions) => Promise<Answer>;

export const noRetry: Retry = (attempt) => attempt();

export function createRetry(deps: RetryDeps): Retry {
  return async (attempt, { signal, patienceMs = deps.patienceMs(), isRepeatable }) => {
    const startedAt = deps.now();
    let isReported = false;
    for (let pauseMs = deps.pauses.firstMs; ; pauseMs = Math.min(pauseMs * 2, deps.pauses.longestMs)) {
      signal?.throwIfAborted();
      try {
        const answer = await unlessAborted(attempt(), signal);
        if (isReported) deps.onAnswer?.(deps.now() - startedAt);
        return answer;
      } catch (error) {
        signal?.throwIfAborted();
        if (!(error instanceof Error) || !mayRetry(error, isRepeatable)) throw error;
        const jittered = pauseMs * (0.5 + deps.random() / 2);
        const waitMs = (error instanceof ApiError ? error.retryAfterMs : undefined) ?? jittered;
        const triedMs = deps.now() - startedAt;
        if (triedMs + waitMs > patienceMs) throw givenUp(error, triedMs);
        if (!isReported && triedMs > deps.pauses.firstMs) {
          isReported = true;
          deps.onWait?.(error instanceof Unreachable ? error.reason : error.message, patienceMs);
        }
        await deps.sleep(waitMs, signal);
      }
    }
  };
}

function givenUp(error: Error, triedMs: number): Error {
  return error instanceof Unreachable
    ? new Unreachable(error.reason, { cause: error.cause, triedMs })
    : error;
}

/** Rejects as soon as `signal` fires, even if the transport ignores it. */
async function unlessAborted<Answer>(answer: Promise<Answer>, signal?: AbortSignal): Promise<Answer> {
  if (signal === undefined) return answer;
  const finished = new AbortController();
  const aborted = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true, signal: finished.signal });
  });
  try {
    return await Promise.race([aborted, answer]);
  } finally {
    finished.abort();
  }
}

/** Statuses of a gateway or a busy server: the request may succeed later. */
const transientStatuses = new Set([408, 425, 429, 502, 503, 504]);

function mayRetry(error: Error, isRepeatable: boolean): boolean {
  if (error instanceof Unreachable) return error.isTransient && (isRepeatable || !error.mayHaveArrived);
  if (!(error instanceof ApiError)) return false;
  // The project's limit of runs does not pass within any patience.
  if (error.code === 'too_many_runs') return false;
  // The server refuses 429 before it does anything.
  if (error.status === 429) return true;
  // A 500 with any other code is the server's final answer, such as a launch that failed.
  const isInternal = error.status === 500 && (error.code ?? 'internal') === 'internal';
  return isRepeatable && (isInternal || transientStatuses.has(error.status));
}
