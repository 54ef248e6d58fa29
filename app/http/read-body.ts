import { BerthError } from '../core/model/errors.ts';

/** A body up to this size is always read. Larger ones share a budget. */
export const smallBytes = 1024 * 1024;
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
  const message = `The body has more than ${Math.floor(maxBytes / 1024 / 1024)} MB.`;
  const bytes = await readBytes(request, maxBytes, () => new BerthError('body_too_large', message));
  return bytes.toString('utf8');
}

/**
 * Reads the JSON body of a request. Without a body, returns an empty object: older clients send none if everything is
 * optional. Ignores the content type: the older systems did, and curl sends another one by default.
 *
 * @throws BerthError `body_too_large`, `invalid_json`.
 */
export async function readJsonBody(request: Request, maxBytes: number): Promise<unknown> {
  const hint = 'Put large files into the repository, and name them in the command.';
  const tooLarge = () =>
    new BerthError('body_too_large', `The body is larger than ${maxBytes} bytes.`, { hint });
  const text = decoded(await readBytes(request, maxBytes, tooLarge));
  if (text.trim() === '') return {};
  try {
    return JSON.parse(text);
  } catch (cause) {
    // The message of the parser quotes the text of the sender, so it goes only to the sender.
    const where = cause instanceof SyntaxError ? `: ${cause.message}` : '';
    throw new BerthError('invalid_json', `The body is not valid JSON${where}.`, {
      cause,
      hint: 'Send one JSON object, in UTF-8.',
    });
  }
}

function decoded(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new BerthError('invalid_json', 'The body is not valid UTF-8.', {
      cause,
      hint: 'Send JSON in UTF-8.',
    });
  }
}

async function readBytes(request: Request, maxBytes: number, tooLarge: () => BerthError): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  let reserved = 0;
  try {
    // A declared length is checked before a byte is read; a missing or wrong one while reading.
    if (Number(request.headers.get('content-length') ?? 0) > maxBytes) throw tooLarge();
    // The types of the DOM do not say that a stream can be iterated.
    for await (const chunk of (request.body ?? []) as AsyncIterable<Uint8Array>) {
      size += chunk.byteLength;
      if (size > maxBytes) throw tooLarge();
      if (size > smallBytes) {
        reserved += chunk.byteLength;
        used += chunk.byteLength;
        if (used > sharedBytes) throw tooMany();
      }
      chunks.push(chunk);
    }
    return Buffer.concat(chunks);
  } finally {
    used -= reserved;
  }
}

function tooMany(): BerthError {
  return new BerthError('rate_limited', 'Too many large bodies are being read.', {
    hint: 'Send it again in a few seconds.',
  });
}
