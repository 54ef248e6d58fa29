import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { parsePrivateKey } from '../../../app/wiring/config/private-key.ts';

const { privateKey: key } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const pkcs1 = key.export({ type: 'pkcs1', format: 'pem' }).toString();
const pkcs8 = key.export({ type: 'pkcs8', format: 'pem' }).toString();
const escaped = pkcs1.replaceAll('\n', '\\n');

describe('the private key of the App', () => {
  it.each([
    ['as it is downloaded', pkcs1],
    ['as PKCS #8', pkcs8],
    ['with Windows line breaks', pkcs1.replaceAll('\n', '\r\n')],
    ['in double quotes', `"${pkcs1}"`],
    ['in single quotes, escaped', `'${escaped}'`],
    ['escaped', escaped],
    ['escaped twice', escaped.replaceAll('\\n', '\\\\n')],
    ['escaped with Windows line breaks', pkcs1.replaceAll('\n', '\\r\\n')],
    ['indented', pkcs1.replaceAll(/^/gm, '    ')],
    ['on one line', pkcs1.replaceAll('\n', ' ')],
    ['as base64', Buffer.from(pkcs1).toString('base64')],
    [
      'as base64 with line breaks, in quotes',
      `"${Buffer.from(pkcs1).toString('base64').replace(/.{76}/g, '$&\n')}"`,
    ],
    ['with a line before and after it', `key:\n${pkcs1}\nend`],
  ])('is read %s', (_, text) => {
    const reading = parsePrivateKey(text);
    expect(reading).toEqual({ ok: true, privateKey: pkcs8 });
  });

  it.each([
    ['no key', 'hello', /is not a private key/],
    ['a certificate', pkcs1.replaceAll('RSA PRIVATE KEY', 'CERTIFICATE'), /is not a private key/],
    ['a key that was cut', pkcs1.replace(/\n.{64}\n.{64}\n/, '\n'), /is damaged/],
    [
      'an elliptic key',
      generateKeyPairSync('ec', { namedCurve: 'P-256' })
        .privateKey.export({ type: 'pkcs8', format: 'pem' })
        .toString(),
      /is a key of the type ec; GitHub Apps have RSA keys/,
    ],
  ])('is refused if it is %s, without a part of it in the reason', (_, text, reason) => {
    const reading = parsePrivateKey(text);
    expect(reading).toEqual({ ok: false, reason: expect.stringMatching(reason) });
    if (text.length > 100) expect(JSON.stringify(reading)).not.toContain(text.slice(40, 60));
  });
});
