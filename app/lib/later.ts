export function later(now: Date, seconds: number): Date {
  return new Date(now.getTime() + seconds * 1000);
}

/**
 * Whether a wait is not over. One that has much more left than it can take began before the clock was set back, and is over:
 * otherwise it would take as long as the clock was ahead.
 *
 * @param longestSeconds the longest time that such a wait takes. Twice as much may be left, because the clocks of servers differ.
 */
export function isWaiting(until: Date, now: Date, longestSeconds: number): boolean {
  const leftMs = until.getTime() - now.getTime();
  return leftMs > 0 && leftMs <= 2 * longestSeconds * 1000;
}
