import { createHash, randomBytes, randomInt } from 'node:crypto';
import { ulid } from 'ulid';
import type { Ids } from '../../ports/clock.ts';

/** Crockford's base 32, as ULIDs have it: no letter that is taken for another. */
const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const derivedLength = 26;
const steps = 2 ** 32;

/** Ids from the operating system's random numbers. */
export const systemIds: Ids = {
  unique: () => ulid(),
  derived(...parts) {
    // Each part with its length before it: ('ab', 'c') and ('a', 'bc') are not the same parts.
    const hash = createHash('sha256');
    for (const part of parts) hash.update(`${Buffer.byteLength(part)}:${part}`);
    return Array.from(
      hash.digest().subarray(0, derivedLength),
      (byte) => alphabet[byte % alphabet.length],
    ).join('');
  },
  random: () => randomInt(steps) / steps,
  secret: (bytes) => randomBytes(bytes).toString('hex'),
};
