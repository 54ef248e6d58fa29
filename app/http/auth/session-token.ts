import { createHmac, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import type { Clock } from '../../ports/clock.ts';
import { artifactTokens } from '../artifacts/artifact-tokens.ts';

/** The content of a session cookie: the hash of the key, or the secret of a person's session. */
export type SessionClaim =
  | { readonly kind: 'key'; readonly keyHash: string; readonly expires: Date }
  | { readonly kind: 'person'; readonly secret: string; readonly expires: Date };

/** The state that a browser keeps between leaving for GitHub and coming back. */
export interface SignInClaim {
  /** The state parameter that GitHub returns: no other redirect fits. */
  readonly state: string;
  /** PKCE: the code is useless without it (RFC 7636). */
  readonly codeVerifier: string;
  readonly returnTo: string;
}

const payloadSchema = z.union([
  z.object({ key: z.string(), until: z.number().int() }),
  z.object({ person: z.string(), until: z.number().int() }),
]);
const signInSchema = z.object({ state: z.string(), codeVerifier: z.string(), returnTo: z.string() });
/** Loaded on use: most starts of a function need none of it. */
const loadJose = () => import('jose');
const encryption = { alg: 'dir', enc: 'A256GCM' } as const;

/**
 * Cookies that need no memory on the server: signed, so that only the server can create one, and invalid after the key or
 * the session that they name is gone.
 *
 * @param secret 32 bytes or more that only the servers of this installation have.
 */
export function sessionTokens(secret: Uint8Array, clock: Clock) {
  // A key for each purpose: a token for one must never be valid for another.
  const derived = (use: string): Buffer => createHmac('sha256', secret).update(use).digest();
  const key = derived('berth dashboard session');
  const signInKey = derived('berth dashboard sign-in');
  const badgeKey = derived('berth badge');
  const badgeSignature = (id: string): Buffer =>
    createHmac('sha256', badgeKey).update(id).digest().subarray(0, 18);
  const signatureOf = (payload: string): Buffer => createHmac('sha256', key).update(payload).digest();
  return {
    /** Tokens in the addresses of artifacts. */
    artifacts: artifactTokens(secret, clock),

    /** A token that shows the badges of a project. It never expires: READMEs keep it. */
    badge: (projectId: string): string => badgeSignature(projectId).toString('base64url'),

    isBadge(token: string, projectId: string): boolean {
      const given = Buffer.from(token, 'base64url');
      const expected = badgeSignature(projectId);
      return given.length === expected.length && timingSafeEqual(given, expected);
    },

    seal(claim: SessionClaim): string {
      const until = claim.expires.getTime();
      const said = claim.kind === 'key' ? { key: claim.keyHash, until } : { person: claim.secret, until };
      const payload = Buffer.from(JSON.stringify(said)).toString('base64url');
      return `${payload}.${signatureOf(payload).toString('base64url')}`;
    },

    /** @returns undefined for what was not sealed here, or is past its time. */
    open(token: string): SessionClaim | undefined {
      const [payload = '', signature = ''] = token.split('.');
      const given = Buffer.from(signature, 'base64url');
      const expected = signatureOf(payload);
      if (given.length !== expected.length || !timingSafeEqual(given, expected)) return undefined;
      const said = payloadSchema.parse(JSON.parse(Buffer.from(payload, 'base64url').toString()));
      if (said.until <= clock.now().getTime()) return undefined;
      const expires = new Date(said.until);
      return 'key' in said
        ? { kind: 'key', keyHash: said.key, expires }
        : { kind: 'person', secret: said.person, expires };
    },

    async sealSignIn(claim: SignInClaim, expires: Date): Promise<string> {
      const { EncryptJWT } = await loadJose();
      return new EncryptJWT({ ...claim })
        .setProtectedHeader(encryption)
        .setExpirationTime(expires)
        .encrypt(signInKey);
    },

    /** @returns undefined for what was not sealed here, or is past its time. */
    async openSignIn(token: string): Promise<SignInClaim | undefined> {
      try {
        const { jwtDecrypt } = await loadJose();
        const { payload } = await jwtDecrypt(token, signInKey, {
          keyManagementAlgorithms: [encryption.alg],
          contentEncryptionAlgorithms: [encryption.enc],
          requiredClaims: ['exp'],
          currentDate: clock.now(),
        });
        return signInSchema.parse(payload);
      } catch {
        return undefined;
      }
    },
  };
}

export type SessionTokens = ReturnType<typeof sessionTokens>;
