import { randomInt } from 'node:crypto';

/** A `sleep` that no other test starts, nor the same test beside it: its length is its name. */
export function uniqueSleep(): string {
  return `sleep ${randomInt(1_000_000, 10_000_000)}`;
}
