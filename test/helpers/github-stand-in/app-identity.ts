import { createHmac, createPublicKey, generateKeyPairSync, type KeyObject, verify } from 'node:crypto';

/** The App that is registered with the stand-in. */
export interface AppIdentity {
  readonly appId: number;
  readonly slug: string;
  /** PEM, as the configuration passes it on: PKCS #8. */
  readonly privateKey: string;
  readonly webhookSecret: string;
  /** The OAuth client for sign-in. */
  readonly clientId: string;
  readonly clientSecret: string;
}

/** Where `global-setup.ts` leaves the key of a test run. */
export const appKeyVariable = 'BERTH_TESTS_APP_KEY';

let privateKey = process.env[appKeyVariable];

/** @returns the key that every App of a test run has (PEM). Creating one takes longer than most tests. */
export function appPrivateKey(): string {
  privateKey ??= generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  }).privateKey;
  return privateKey;
}

export function createAppIdentity(): AppIdentity {
  return {
    appId: 4242,
    slug: 'berth',
    privateKey: appPrivateKey(),
    webhookSecret: 'a secret of the tests',
    clientId: 'Iv23li0123456789abcd',
    clientSecret: 'c0ffee'.repeat(6),
  };
}

let publicKey: { readonly of: string; readonly key: KeyObject } | undefined;

/** Computes the key once, since each request of an App has a new token. */
function publicKeyOf(of: string): KeyObject {
  if (publicKey?.of !== of) publicKey = { of, key: createPublicKey(of) };
  return publicKey.key;
}

/** @returns what is wrong with a JSON web token that an App signs in with; undefined if nothing is. */
export function appTokenMistake(token: string, identity: AppIdentity, now: Date): string | undefined {
  const [header, payload, signature, ...rest] = token.split('.');
  if (header === undefined || payload === undefined || signature === undefined || rest.length > 0) {
    return 'A JSON web token could not be decoded';
  }
  const signed = verify(
    'RSA-SHA256',
    Buffer.from(`${header}.${payload}`),
    publicKeyOf(identity.privateKey),
    Buffer.from(signature, 'base64url'),
  );
  if (!signed) return 'A JSON web token could not be decoded';
  const claims: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString());
  if (!isClaims(claims)) return 'Missing claims';
  const seconds = now.getTime() / 1000;
  if (String(claims.iss) !== String(identity.appId)) return "'Issuer' claim ('iss') must be the App's id";
  if (claims.exp <= seconds) return "'Expiration time' claim ('exp') must be in the future";
  if (claims.exp > seconds + 600) return "'Expiration time' claim ('exp') is too far in the future";
  return claims.iat > seconds + 60 ? "'Issued at' claim ('iat') must be in the past" : undefined;
}

function isClaims(value: unknown): value is { iss: string | number; iat: number; exp: number } {
  return typeof value === 'object' && value !== null && 'iss' in value && 'iat' in value && 'exp' in value;
}

/** The `X-Hub-Signature-256` of a webhook's body. */
export function signWebhook(body: string, secret: string): string {
  return `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;
}
