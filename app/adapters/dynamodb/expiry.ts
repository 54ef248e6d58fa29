import type { Clock } from '../../ports/clock.ts';

const daySeconds = 24 * 3600;
/** Records outlive the runs that they refer to: DynamoDB deletes in no particular order, up to days late. */
const marginDays = 30;

/**
 * Computes the `ttl` of a record that no longer changes: the number of seconds since 1970 after which DynamoDB, or `expire` of
 * the embedded database, deletes it.
 *
 * @returns undefined if the record must stay.
 */
export type Expiry = (isIdle: boolean) => number | undefined;

/** @param days how long runs are kept. If omitted, records are kept too. */
export function expiryAfter(clock: Clock, days: number | undefined): Expiry {
  return (isIdle) =>
    isIdle && days !== undefined
      ? Math.ceil(clock.now().getTime() / 1000) + (days + marginDays) * daySeconds
      : undefined;
}
