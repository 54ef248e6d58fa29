/**
 * Reads either form of the header `Retry-After` (RFC 9110, 10.2.3).
 *
 * @param now milliseconds since the epoch.
 * @returns milliseconds, not negative; undefined without a valid header.
 */
export function retryAfterMs(value: string | null | undefined, now: number): number | undefined {
  const text = value?.trim() ?? '';
  const wait = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - now;
  return Number.isFinite(wait) ? Math.max(0, wait) : undefined;
}
