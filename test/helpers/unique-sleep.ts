import { randomInt } from 'node:crypto';

/** A `sleep` with a unique duration, which identifies its process. */
export function uniqueSleep(): string {
  return `sleep ${randomInt(1_000_000, 10_000_000)}`;
}
