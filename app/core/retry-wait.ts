const daySeconds = 24 * 3600;
/** Leaves time for the sweep and for the call itself within the minute in which a check must recover. */
const mostSeconds = 40;

/**
 * How long to wait before Berth retries a request that GitHub refused or did not answer: at most 40 seconds for a day, so
 * that Berth recovers from an outage within a minute; after that, rarely but indefinitely.
 *
 * @param attempts the number of failed attempts.
 */
export function retryWaitSeconds(attempts: number): number {
  if (attempts < daySeconds / mostSeconds) return Math.min(mostSeconds, 5 * 2 ** Math.min(attempts, 10));
  return attempts < (2 * daySeconds) / mostSeconds ? 600 : 3600;
}
