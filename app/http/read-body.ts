import { BerthError } from '../core/model/errors.ts';

/** A body up to this size is always read. */
const smallBytes = 1024 * 1024;
/** The limit of all larger bodies together while they are read. */
const sharedBytes = 64 * 1024 * 1024;
let used = 0;

/**
 * Reads a body before its sender is authenticated: at most `maxBytes` of one, and a bounded number of
 * bytes of all bodies that are read at the same time.
 *
 * @throws BerthError `body_too_large`, `rate_limited`.
 */
export async function readBody(request: Request, maxBytes: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  let reserved = 0;
  try {
    if (Number(request.headers.get('content-length') ?? 0) > maxBytes) throw tooLarge(maxBytes);
    // The types of the DOM do not say that a stream can be iterated.
    for await (const chunk of (request.body ?? []) as AsyncIterable<Uint8Array>) {
      size += chunk.byteLength;
      if (size > maxBytes) throw tooLarge(maxBytes);
      if (size > smallBytes) {
        reserved += chunk.byteLength;
        used += chunk.byteLength;
        if (used > sharedBytes) throw tooMany();
      }
      chunks.push(chunk);
    }
    return Buffer.concat(chunks).toString('utf8');
  } finally {
    used -= reserved;
  }
}

function tooLarge(maxBytes: number): BerthError {
  return new BerthError('body_too_large', `The body has more than ${Math.floor(maxBytes / 1024 / 1024)} MB.`);
}

function tooMany(): BerthError {
  return new BerthError('rate_limited', 'Too many large bodies are being read.', {
    hint: 'Send it again in a few seconds.',
  });
}
