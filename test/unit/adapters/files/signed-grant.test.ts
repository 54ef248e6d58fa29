import { describe, expect, it } from '@jest/globals';
import { signGrant, verifyGrant } from '../../../../app/adapters/files/signed-grant.ts';
import type { ObjectGrant } from '../../../../app/ports/objects.ts';

const key = Buffer.from('a key for tests');
const now = new Date('2030-01-01T00:00:00Z');
const later = (seconds: number) => new Date(now.getTime() + seconds * 1000);
const upload: ObjectGrant = {
  key: 'runs/1/result.json',
  method: 'PUT',
  ttlSeconds: 60,
  maxBytes: 1000,
  contentType: 'application/json',
};

function requestBy(url: string, change: { method?: string; query?: Record<string, string> } = {}) {
  const { pathname, searchParams } = new URL(url, 'http://localhost');
  for (const [name, value] of Object.entries(change.query ?? {})) searchParams.set(name, value);
  return { method: change.method ?? 'PUT', path: pathname, query: searchParams };
}

describe('a signed URL', () => {
  it('grants what it names', () => {
    const request = requestBy(signGrant(key, upload, now));
    expect(verifyGrant(key, request, later(59))).toEqual({
      key: 'runs/1/result.json',
      method: 'PUT',
      maxBytes: 1000,
      contentType: 'application/json',
    });
  });

  it('is reported as expired', () => {
    const request = requestBy(signGrant(key, upload, now));
    expect(() => verifyGrant(key, request, later(60))).toThrow('this URL has expired');
  });

  it('is for one method only', () => {
    const request = requestBy(signGrant(key, upload, now), { method: 'GET' });
    expect(() => verifyGrant(key, request, now)).toThrow('this URL is only for PUT, not for GET');
  });

  it.each([
    ['a later end', { expires: '99999999999' }],
    ['another method', { method: 'GET' }],
    ['a higher limit', { max: '1000000' }],
    ['another type', { type: 'text/html' }],
    ['another signature', { signature: '00'.repeat(32) }],
    ['a short signature', { signature: '00' }],
    ['an invalid signature', { signature: 'xyz' }],
  ])('is not valid with %s', (_, query) => {
    const request = requestBy(signGrant(key, upload, now), { query });
    expect(() => verifyGrant(key, request, now)).toThrow('the signature of this URL is not valid');
  });

  it('is not valid with the key of another data directory', () => {
    const request = requestBy(signGrant(Buffer.from('another key'), upload, now));
    expect(() => verifyGrant(key, request, now)).toThrow('the signature of this URL is not valid');
  });

  it.each(['/objects/%', '/elsewhere/runs/1/result.json', '/objects'])('is not %s', (path) => {
    const request = { ...requestBy(signGrant(key, upload, now)), path };
    expect(() => verifyGrant(key, request, now)).toThrow('this is not the URL of an object');
  });

  it('is not valid without the signed parts', () => {
    const request = { method: 'PUT', path: '/objects/runs/1/result.json', query: new URLSearchParams() };
    expect(() => verifyGrant(key, request, now)).toThrow('the signature of this URL is not valid');
  });
});
