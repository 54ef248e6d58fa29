import { BerthError } from '../core/model/errors.ts';

/**
 * Reads the JSON body of a request. Without a body, returns an empty object: older clients send none if everything is
 * optional. Ignores the content type: the older systems did, and curl sends another one by default.
 *
 * @throws BerthError `body_too_large`, `invalid_json`.
 */
export async function readJsonBody(request: Request, maxBytes: number): Promise<unknown> {
  const text = await readText(request, maxBytes);
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

async function readText(request: Request, maxBytes: number): Promise<string> {
  // A declared length is checked before a byte is read; a missing or wrong one while reading.
  if (Number(request.headers.get('content-length') ?? 0) > maxBytes) throw tooLarge(maxBytes);
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of chunksOf(request)) {
    bytes += chunk.length;
    if (bytes > maxBytes) throw tooLarge(maxBytes);
    chunks.push(chunk);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks));
  } catch (cause) {
    throw new BerthError('invalid_json', 'The body is not valid UTF-8.', {
      cause,
      hint: 'Send JSON in UTF-8.',
    });
  }
}

async function* chunksOf(request: Request): AsyncGenerator<Uint8Array> {
  const reader = request.body?.getReader();
  if (reader === undefined) return;
  try {
    for (let read = await reader.read(); !read.done; read = await reader.read()) yield read.value;
  } finally {
    reader.releaseLock();
  }
}

function tooLarge(maxBytes: number): BerthError {
  return new BerthError('body_too_large', `The body is larger than ${maxBytes} bytes.`, {
    hint: 'Put large files into the repository, and name them in the command.',
  });
}
