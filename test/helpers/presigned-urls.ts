import { createHash, createHmac } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Forward } from './ecs-as-documented.ts';

/**
 * Refuses presigned URLs that were bent or are too old, as S3 does and moto does not.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
 */
export function checkPresignedUrls(secretAccessKey: string, forward: Forward): Forward {
  return async (operation, incoming, body) => {
    const url = new URL(incoming.url ?? '/', 'http://localhost');
    if (!url.searchParams.has('X-Amz-Signature')) return forward(operation, incoming, body);
    const valid = signatureOf(incoming, url, secretAccessKey) === url.searchParams.get('X-Amz-Signature');
    if (valid && !isOver(url)) return forward(operation, incoming, body);
    return { status: 403, headers: { 'content-type': 'application/xml' }, body: Buffer.from('<Error/>') };
  };
}

/** `20260102T030405Z` and a number of seconds. */
function isOver({ searchParams }: URL): boolean {
  const digits = searchParams.get('X-Amz-Date') ?? '';
  const signed = digits.replace(/^(....)(..)(..)T(..)(..)(..)Z$/, '$1-$2-$3T$4:$5:$6Z');
  return Date.parse(signed) + Number(searchParams.get('X-Amz-Expires')) * 1000 < Date.now();
}

function signatureOf(incoming: IncomingMessage, url: URL, secretAccessKey: string): string {
  const scope = (url.searchParams.get('X-Amz-Credential') ?? '').split('/').slice(1);
  const signedHeaders = (url.searchParams.get('X-Amz-SignedHeaders') ?? '').split(';');
  const query = url.search
    .slice(1)
    .split('&')
    .filter((pair) => !pair.startsWith('X-Amz-Signature='))
    .toSorted();
  const canonical = [
    incoming.method,
    url.pathname,
    query.join('&'),
    ...signedHeaders.map((name) => `${name}:${String(incoming.headers[name] ?? '').trim()}`),
    '',
    signedHeaders.join(';'),
    'UNSIGNED-PAYLOAD',
  ].join('\n');
  const toSign = [
    'AWS4-HMAC-SHA256',
    url.searchParams.get('X-Amz-Date'),
    scope.join('/'),
    createHash('sha256').update(canonical).digest('hex'),
  ].join('\n');
  const key = scope.reduce(
    (secret: string | Buffer, part) => createHmac('sha256', secret).update(part).digest(),
    `AWS4${secretAccessKey}`,
  );
  return createHmac('sha256', key).update(toSign).digest('hex');
}
