import { createHash, hkdfSync } from 'node:crypto';
import { z } from 'zod';
import type { UserTokens } from '../../../ports/people.ts';

const encryption = { alg: 'dir', enc: 'A256GCM' } as const;
const keyBytes = 32;
const tokensSchema = z.object({
  accessToken: z.string(),
  refreshToken: z.string().exactOptional(),
  expires: z.iso
    .datetime()
    .transform((text) => new Date(text))
    .exactOptional(),
});

/** The ID of the session of a secret: a reader of the database cannot compute the cookie from it. */
export function sessionIdOf(secret: string): string {
  return createHash('sha256').update('berth session').update(secret).digest('hex');
}

/**
 * Encrypts the tokens of a person with a key derived from the secret in their cookie. The server itself
 * has the key only while it answers them.
 */
export async function sealTokens(tokens: UserTokens, secret: string): Promise<string> {
  const { CompactEncrypt } = await import('jose');
  return new CompactEncrypt(Buffer.from(JSON.stringify(tokens)))
    .setProtectedHeader(encryption)
    .encrypt(keyOf(secret));
}

/** @throws Error if they were not sealed with this secret. */
export async function openTokens(sealed: string, secret: string): Promise<UserTokens> {
  const { compactDecrypt } = await import('jose');
  const { plaintext } = await compactDecrypt(sealed, keyOf(secret), {
    keyManagementAlgorithms: [encryption.alg],
    contentEncryptionAlgorithms: [encryption.enc],
  });
  return tokensSchema.parse(JSON.parse(Buffer.from(plaintext).toString()));
}

function keyOf(secret: string): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', secret, '', 'berth tokens of a person', keyBytes));
}
