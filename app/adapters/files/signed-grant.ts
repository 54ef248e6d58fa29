import { createHmac, timingSafeEqual } from 'node:crypto';
import { BerthError } from '../../core/model/errors.ts';
import type { ObjectGrant } from '../../ports/objects.ts';
import { keySegments } from './object-key.ts';

/** The access that a signed URL grants. */
export interface VerifiedGrant {
  readonly key: string;
  readonly method: 'GET' | 'PUT';
  /** The size limit of a PUT, in bytes. If omitted, there is no limit. */
  readonly maxBytes?: number;
  /** The content type of a PUT, regardless of the request. */
  readonly contentType?: string;
}

const prefix = '/objects/';

/** Returns the path and query of the URL of a grant, without scheme and host. */
export function signGrant(signingKey: Buffer, grant: ObjectGrant, now: Date): string {
  const expires = Math.floor(now.getTime() / 1000) + grant.ttlSeconds;
  const query = new URLSearchParams({ expires: String(expires), method: grant.method });
  if (grant.maxBytes !== undefined) query.set('max', String(grant.maxBytes));
  if (grant.contentType !== undefined) query.set('type', grant.contentType);
  query.set('signature', signatureOf(signingKey, grant.key, query).toString('hex'));
  const path = keySegments(grant.key).map(encodeURIComponent).join('/');
  return `${prefix}${path}?${query}`;
}

/**
 * Checks a request for an object against the signature in its URL. The HTTP layer calls it before anything else.
 *
 * @param request.path percent-encoded, as in the URL.
 * @throws BerthError `signature_invalid` if this data directory did not issue the URL, or issued it for
 *   something else, or if it has expired.
 */
export function verifyGrant(
  signingKey: Buffer,
  request: { readonly method: string; readonly path: string; readonly query: URLSearchParams },
  now: Date,
): VerifiedGrant {
  const { method, path, query } = request;
  const key = keyOf(path);
  const given = Buffer.from(query.get('signature') ?? '', 'hex');
  const expected = signatureOf(signingKey, key, query);
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
    throw new BerthError('signature_invalid', 'the signature of this URL is not valid', {
      hint: 'Use the complete URL unchanged. Request a new one if it may have been cut off.',
    });
  }
  // The signature covers the query, so its values are valid from here on.
  if (Number(query.get('expires')) * 1000 <= now.getTime()) {
    throw new BerthError('signature_invalid', 'this URL has expired', { hint: 'Request a new one.' });
  }
  const granted = query.get('method') === 'PUT' ? 'PUT' : 'GET';
  if (method !== granted) {
    throw new BerthError('signature_invalid', `this URL is only for ${granted}, not for ${method}`);
  }
  const max = query.get('max');
  const contentType = query.get('type');
  return {
    key,
    method: granted,
    ...(max === null ? {} : { maxBytes: Number(max) }),
    ...(contentType === null ? {} : { contentType }),
  };
}

function signatureOf(signingKey: Buffer, key: string, query: URLSearchParams): Buffer {
  const fields = ['expires', 'method', 'max', 'type'].map((name) => query.get(name));
  return createHmac('sha256', signingKey)
    .update(JSON.stringify([key, ...fields]))
    .digest();
}

function keyOf(path: string): string {
  try {
    if (!path.startsWith(prefix)) throw new URIError('not below /objects/');
    return path.slice(prefix.length).split('/').map(decodeURIComponent).join('/');
  } catch (cause) {
    throw new BerthError('signature_invalid', 'this is not the URL of an object', { cause });
  }
}
