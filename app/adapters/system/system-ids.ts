import { createHmac, randomBytes, randomInt } from 'node:crypto';
import { ulid } from 'ulid';
import type { Ids } from '../../ports/clock.ts';

/** Crockford's base 32, as in ULIDs. */
const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const derivedLength = 26;
const steps = 2 ** 32;

/** Ids from the operating system's random numbers. */
export const systemIds: Omit<Ids, 'derived'> = {
  unique: () => ulid(),
  random: () => randomInt(steps) / steps,
  secret: (bytes) => randomBytes(bytes).toString('hex'),
};

/**
 * IDs of an installation.
 *
 * @param readSecret reads the installation's secret, and is called when the first ID is derived. The secret must not
 *   change: a request that is repeated after a change starts a second run.
 */
export function installationIds(readSecret: () => Promise<string | Buffer>): Ids {
  return {
    ...systemIds,
    async derived(...parts) {
      const key = createHmac('sha256', await readSecret())
        .update('berth run ids')
        .digest();
      const hash = createHmac('sha256', key);
      // Each part follows its length: ('ab', 'c') and ('a', 'bc') are different parts.
      for (const part of parts) hash.update(`${Buffer.byteLength(part)}:${part}`);
      return Array.from(
        hash.digest().subarray(0, derivedLength),
        (byte) => alphabet[byte % alphabet.length],
      ).join('');
    },
  };
}
