import { BerthError } from '../../core/model/errors.ts';

const longestKey = 1024;
const longestSegment = 200;

/**
 * Splits a key that is safe to use as a path below a directory on every system.
 *
 * @returns its segments.
 * @throws BerthError `invalid_request` for keys that would leave the directory, be hidden, or not be valid in a file system.
 */
export function keySegments(key: string): readonly string[] {
  const segments = key.split('/');
  const safe =
    key.length <= longestKey &&
    segments.every(
      (segment) =>
        segment !== '' &&
        !segment.startsWith('.') &&
        Buffer.byteLength(segment) <= longestSegment &&
        !/[\\\p{Cc}]/u.test(segment),
    );
  if (!safe) {
    throw new BerthError('invalid_request', `"${printable(key)}" cannot be the key of an object`, {
      hint: 'Use names joined by single slashes, none of which begins with a dot, without control characters.',
    });
  }
  return segments;
}

function printable(key: string): string {
  return key.slice(0, 80).replace(/\p{Cc}/gu, '?');
}
