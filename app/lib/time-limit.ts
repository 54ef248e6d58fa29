/** Work took longer than its limit. It may still be running: what it does must be safe to repeat. */
export class TimeLimitError extends Error {
  override readonly name = 'TimeLimitError';
}

/**
 * Stops waiting for work after a time limit, so that one item that hangs does not block the others.
 *
 * @throws TimeLimitError
 */
export async function withTimeLimit<Result>(seconds: number, work: () => Promise<Result>): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new TimeLimitError(`The work took more than ${seconds} s.`)),
      seconds * 1000,
    );
    // The timer must not keep an otherwise idle process alive.
    timer.unref();
  });
  try {
    return await Promise.race([work(), limit]);
  } finally {
    clearTimeout(timer);
  }
}

/** @returns a `fetch` that aborts each request after a time. @param send performs the requests. */
export function timeLimitedFetch(milliseconds: number, send: typeof fetch = fetch): typeof fetch {
  return (input, init) => send(input, { ...init, signal: AbortSignal.timeout(milliseconds) });
}
