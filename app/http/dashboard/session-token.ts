import { createHmac, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import type { Clock } from '../../ports/clock.ts';

/** What a session says: whose key was shown, by its hash, and until when. */
export interface Session {
  readonly keyHash: string;
  readonly expires: Date;
}

const payloadSchema = z.object({ key: z.string(), until: z.number().int() });

/**
 * Sessions that need no memory on the server: signed, so that nobody can make one, and good for nothing once the key
 * that opened them was revoked.
 */
export function sessionTokens(secret: Uint8Array, clock: Clock) {
  // A key of its own: what is signed here must never pass for the signature of anything else.
  const key = createHmac('sha256', secret).update('berth dashboard session').digest();
  const signatureOf = (payload: string): Buffer => createHmac('sha256', key).update(payload).digest();
  return {
    seal({ keyHash, expires }: Session): string {
      const payload = Buffer.from(JSON.stringify({ key: keyHash, until: expires.getTime() })).toString(
        'base64url',
      );
      return `${payload}.${signatureOf(payload).toString('base64url')}`;
    },
    /** @returns undefined for what was not sealed here, or is past its time. */
    open(token: string): Session | undefined {
      const [payload = '', signature = ''] = token.split('.');
      const given = Buffer.from(signature, 'base64url');
      const expected = signatureOf(payload);
      if (given.length !== expected.length || !timingSafeEqual(given, expected)) return undefined;
      const { key: keyHash, until } = payloadSchema.parse(
        JSON.parse(Buffer.from(payload, 'base64url').toString()),
      );
      return until > clock.now().getTime() ? { keyHash, expires: new Date(until) } : undefined;
    },
  };
}

export type SessionTokens = ReturnType<typeof sessionTokens>;
