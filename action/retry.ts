import { ApiError, Cancelled, NoAnswer, Unreachable } from './api-error.ts';
import type { Host } from './host.ts';

/** How long to try where Berth cannot be reached: at first it may be a wrong address, later a run is at stake. */
export interface Patience {
  readonly beforeFirstAnswerMs: number;
  readonly laterMs: number;
}

export const defaultPatience: Patience = { beforeFirstAnswerMs: 2 * 60_000, laterMs: 15 * 60_000 };

const firstPauseMs = 500;
const longestPauseMs = 15_000;

/**
 * Repeats what fails because the network or the server is away, ever more slowly, and says so in the log.
 *
 * @returns runs a request that may be sent more than once.
 */
export function createRetry(host: Host, patience: Patience) {
  let hasAnswered = false;

  return async function retry<Answer>(
    send: () => Promise<Answer>,
    options: { readonly signal?: AbortSignal; readonly patienceMs?: number } = {},
  ): Promise<Answer> {
    const begun = host.now();
    const limit = options.patienceMs ?? (hasAnswered ? patience.laterMs : patience.beforeFirstAnswerMs);
    let said = false;
    for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(pauseMs * 2, longestPauseMs)) {
      try {
        const answer = await unlessCancelled(send, options.signal);
        hasAnswered = true;
        if (said) host.info(`Berth answers again after ${secondsSince(begun)} s.`);
        return answer;
      } catch (error) {
        if (!isPassing(error)) throw error;
        const wait = Math.max(jittered(pauseMs, host), retryAfterMs(error));
        if (host.now() - begun + wait > limit) throw givenUp(error, begun);
        // A single fault is of no interest to anybody.
        if (!said && host.now() - begun > firstPauseMs) {
          said = true;
          host.info(
            `Berth cannot be reached (${reasonOf(error)}). Trying again for ${Math.round(limit / 1000)} s.`,
          );
        }
        await host.pause(wait, options.signal);
      }
    }
  };

  function secondsSince(begun: number): number {
    return Math.round((host.now() - begun) / 1000);
  }

  function givenUp(error: unknown, begun: number): Error {
    // An answer says more than "unreachable", even where it is that the server is overloaded.
    if (error instanceof ApiError) return error;
    const tried = host.now() - begun > 1000 ? ` for ${secondsSince(begun)} s` : '';
    return new Unreachable(`Berth could not be reached${tried}: ${reasonOf(error)}.`, { cause: error });
  }
}

export type Retry = ReturnType<typeof createRetry>;

/** @throws Cancelled as soon as `signal` fires, whether or not an answer is still on its way. */
async function unlessCancelled<Answer>(send: () => Promise<Answer>, signal?: AbortSignal): Promise<Answer> {
  if (signal === undefined) return send();
  if (signal.aborted) throw new Cancelled();
  const answered = new AbortController();
  const cancelled = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(new Cancelled()), { once: true, signal: answered.signal });
  });
  try {
    return await Promise.race([cancelled, send()]);
  } finally {
    answered.abort();
  }
}

/** Spreads the returns of the many jobs that a restart of the server has cut off. */
function jittered(milliseconds: number, host: Host): number {
  const random = Number.parseInt(host.secret().slice(0, 4), 16) / 0x10000;
  return milliseconds * (0.75 + random / 2);
}

/** What may be different the next time: the network, a gateway without its server, a full queue. */
function isPassing(error: unknown): boolean {
  if (error instanceof ApiError) {
    const ofGateway = [408, 425, 429, 502, 503, 504].includes(error.status);
    // A 500 with a code of Berth's own other than `internal` is its last word: a launch that failed, say.
    return ofGateway
      ? error.code !== 'too_many_runs'
      : error.status === 500 && (error.code ?? 'internal') === 'internal';
  }
  return error instanceof NoAnswer;
}

function retryAfterMs(error: unknown): number {
  return error instanceof ApiError && error.retryAfterSeconds !== undefined
    ? error.retryAfterSeconds * 1000
    : 0;
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
