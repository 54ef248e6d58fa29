const daySeconds = 24 * 3600;

/**
 * How long to wait before Berth retries a request that GitHub refused or did not answer: at most a minute for a day, so
 * that an outage is over within a minute; rarely after that, but without an end.
 *
 * @param attempts those that failed before.
 */
export function retryWaitSeconds(attempts: number): number {
  if (attempts < daySeconds / 60) return Math.min(60, 5 * 2 ** Math.min(attempts, 10));
  return attempts < (2 * daySeconds) / 60 ? 600 : 3600;
}
