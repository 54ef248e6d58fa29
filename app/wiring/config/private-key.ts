import { createPrivateKey } from 'node:crypto';
import { readFileSync } from 'node:fs';

/** A key that was read, or why it could not be. The reason never holds a part of the key. */
export type PrivateKeyReading =
  | { readonly ok: true; readonly privateKey: string }
  | { readonly ok: false; readonly reason: string };

/** Reads the key of the App from a variable, or from the file that another names. */
export function readPrivateKey(env: {
  readonly PRIVATE_KEY?: string | undefined;
  readonly PRIVATE_KEY_PATH?: string | undefined;
}): PrivateKeyReading {
  if (env.PRIVATE_KEY !== undefined) return parsePrivateKey(env.PRIVATE_KEY);
  const path = env.PRIVATE_KEY_PATH;
  if (path === undefined)
    return { ok: false, reason: 'is missing. PRIVATE_KEY_PATH can name its file instead' };
  try {
    return parsePrivateKey(readFileSync(path, 'utf8'));
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? ` (${String(error.code)})` : '';
    return { ok: false, reason: `cannot be read from the file that PRIVATE_KEY_PATH names${code}` };
  }
}

/**
 * Reads a PEM key as people paste it: in quotes, indented, on one line, with line breaks that are escaped once or twice,
 * or encoded as base64.
 *
 * @returns it as PKCS #8. GitHub issues PKCS #1, which the library would convert again for each token.
 */
export function parsePrivateKey(text: string): PrivateKeyReading {
  const pem = toPem(text) ?? toPem(Buffer.from(text.replace(/[\s"']/g, ''), 'base64').toString('utf8'));
  if (pem === undefined) {
    const reason =
      'is not a private key: it must have the line -----BEGIN RSA PRIVATE KEY-----, or be base64 of that';
    return { ok: false, reason };
  }
  try {
    const key = createPrivateKey(pem);
    const { asymmetricKeyType } = key;
    if (asymmetricKeyType === 'rsa')
      return { ok: true, privateKey: key.export({ type: 'pkcs8', format: 'pem' }).toString() };
    return { ok: false, reason: `is a key of the type ${asymmetricKeyType}; GitHub Apps have RSA keys` };
  } catch {
    // The message of OpenSSL may contain parts of the key.
    return {
      ok: false,
      reason: 'is damaged: a part of it may be missing. Download a new one from the App’s settings',
    };
  }
}

const lineLength = 64;

function toPem(text: string): string | undefined {
  const plain = text.replace(/\\+r/g, '').replace(/\\+n/g, '\n');
  const [, label, body = ''] = /-----BEGIN ([A-Z ]*PRIVATE KEY)-----(.*?)-----END \1-----/s.exec(plain) ?? [];
  if (label === undefined) return undefined;
  const letters = body.replace(/[^A-Za-z0-9+/=]/g, '');
  const lines = letters.match(new RegExp(`.{1,${lineLength}}`, 'g')) ?? [];
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n');
}
