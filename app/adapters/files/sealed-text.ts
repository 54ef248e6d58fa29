import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { BerthError } from '../../core/model/errors.ts';

const mark = 'berth-sealed-1:';
const algorithm = 'aes-256-gcm';
const [ivBytes, tagBytes] = [12, 16];

/**
 * Encrypts secrets in a data directory.
 *
 * @param secret `BERTH_DATA_KEY`; without it, texts stay unchanged.
 * @param purpose the file of the text: a text of one file cannot be decrypted as another.
 */
export function sealText(text: string, secret: string | undefined, purpose: string): string {
  if (secret === undefined) return text;
  const iv = randomBytes(ivBytes);
  const cipher = createCipheriv(algorithm, keyOf(secret, purpose), iv, { authTagLength: tagBytes });
  const sealed = Buffer.concat([iv, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]);
  return `${mark}${sealed.toString('base64')}\n`;
}

export function isSealed(text: string): boolean {
  return text.startsWith(mark);
}

/** @throws BerthError `config_invalid` if the text is encrypted with another key, or if no key is set. */
export function openText(text: string, secret: string | undefined, purpose: string): string {
  if (!isSealed(text)) return text;
  if (secret === undefined) throw unreadable(purpose, 'is encrypted, and BERTH_DATA_KEY is not set');
  const sealed = Buffer.from(text.slice(mark.length), 'base64');
  try {
    const key = keyOf(secret, purpose);
    const decipher = createDecipheriv(algorithm, key, sealed.subarray(0, ivBytes), {
      authTagLength: tagBytes,
    });
    decipher.setAuthTag(sealed.subarray(-tagBytes));
    return decipher.update(sealed.subarray(ivBytes, -tagBytes), undefined, 'utf8') + decipher.final('utf8');
  } catch {
    throw unreadable(purpose, 'is encrypted with another key');
  }
}

function keyOf(secret: string, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, 'berth data directory', purpose, 32));
}

function unreadable(purpose: string, why: string): BerthError {
  return new BerthError('config_invalid', `The file ${purpose} in the data directory ${why}.`, {
    hint: 'Set BERTH_DATA_KEY to the value that it had when the file was written.',
  });
}
