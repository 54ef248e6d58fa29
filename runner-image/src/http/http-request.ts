import type { IncomingHttpHeaders, IncomingMessage, RequestOptions } from 'node:http';
import type { Readable } from 'node:stream';
import { errorText } from '../runner-error.ts';

/** What a request sends: made anew for each try, because a stream can be read only once. */
export interface RequestBody {
  readonly sizeBytes: number;
  open(): Readable | Buffer;
}

export interface HttpRequest {
  readonly method: 'GET' | 'PUT';
  /** `http:`, `https:` or `http+unix://<percent-encoded socket path>/<path>`. */
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: RequestBody;
  /** Ends the request, and the waiting between tries. */
  readonly signal?: AbortSignal;
  /** Tries in all. Default 5. */
  readonly attempts?: number;
  /** Without a byte for so long a try has failed. Default 30,000. */
  readonly idleTimeoutMs?: number;
  /** The wait before the second try; it doubles with each try. Default 200. */
  readonly backoffMs?: number;
}

/** The answer was not a success; `status` is 0 where there was no answer. */
export class HttpFailure extends Error {
  override readonly name = 'HttpFailure';
  readonly status: number;

  constructor(status: number, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.status = status;
  }
}

/**
 * Tries whose waits add up to 50 seconds: what is asked for outlives a restart of the server, or of what stands before
 * it.
 */
export const attemptsOverRestart = 9;

const maxRedirects = 5;
const brokenConnectionCodes = new Set(['ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ERR_STREAM_PREMATURE_CLOSE']);
const maxErrorBodyBytes = 2_000;

/**
 * Sends a request, and again after a network fault, a 429 or a 5xx, with growing waits. A GET follows redirects, and
 * drops the caller's headers when one leads to another origin.
 *
 * @param read takes the answer of a 2xx status; a connection that breaks while it reads counts as a failed try too.
 * @returns what `read` returned.
 * @throws HttpFailure, or what `read` threw.
 */
export async function httpRequest<T>(
  request: HttpRequest,
  read: (response: IncomingMessage) => Promise<T>,
): Promise<T> {
  const attempts = request.attempts ?? 5;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await read(await tryOnce(request));
    } catch (error) {
      if (request.signal?.aborted || attempt >= attempts || !isWorthRetrying(error)) throw error;
    }
    await pause((request.backoffMs ?? 200) * 2 ** (attempt - 1), request.signal);
  }
}

/**
 * @returns the whole body of an answer.
 * @throws HttpFailure when it is longer than `maxBytes`.
 */
export async function readBody(response: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response) {
    size += chunk.length;
    if (size > maxBytes)
      throw new HttpFailure(response.statusCode ?? 0, `The answer is over ${maxBytes} bytes.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

async function tryOnce(request: HttpRequest): Promise<IncomingMessage> {
  let { url } = request;
  let headers = request.headers ?? {};
  for (let redirects = 0; redirects <= maxRedirects; redirects += 1) {
    const response = await send(request, url, headers);
    const status = response.statusCode ?? 0;
    if (status >= 200 && status < 300) return response;
    const location = redirectTarget(request, url, status, response.headers);
    if (location === undefined) throw await failureOf(url, response);
    response.resume();
    if (!isSameOrigin(location, url)) headers = {};
    url = location;
  }
  throw new HttpFailure(310, `${originOf(request.url)} redirected more than ${maxRedirects} times.`);
}

async function send(
  request: HttpRequest,
  url: string,
  headers: Readonly<Record<string, string>>,
): Promise<IncomingMessage> {
  const target = parseTarget(url);
  const client = target.secure ? await import('node:https') : await import('node:http');
  const length = request.body === undefined ? {} : { 'content-length': String(request.body.sizeBytes) };
  return new Promise((resolve, reject) => {
    const outgoing = client.request({
      ...target.options,
      method: request.method,
      headers: { ...headers, ...length },
      ...(request.signal === undefined ? {} : { signal: request.signal }),
    });
    const fail = (error: Error) =>
      reject(new HttpFailure(0, `${originOf(url)} could not be reached: ${errorText(error)}.`, error));
    const idleTimeoutMs = request.idleTimeoutMs ?? 30_000;
    outgoing.setTimeout(idleTimeoutMs, () => {
      outgoing.destroy(new Error(`no answer within ${Math.round(idleTimeoutMs / 1000)} s`));
    });
    outgoing.on('error', fail);
    outgoing.on('response', resolve);
    sendBody(request.body, outgoing, fail);
  });
}

function sendBody(
  body: RequestBody | undefined,
  outgoing: NodeJS.WritableStream & { destroy(error?: Error): unknown },
  fail: (error: Error) => void,
): void {
  const content = body?.open();
  if (content === undefined) {
    outgoing.end();
    return;
  }
  if (Buffer.isBuffer(content)) {
    outgoing.end(content);
    return;
  }
  content.on('error', (error) => {
    outgoing.destroy(error);
    fail(error);
  });
  outgoing.on('close', () => content.destroy());
  content.pipe(outgoing);
}

interface Target {
  readonly secure: boolean;
  readonly options: RequestOptions;
}

function parseTarget(url: string): Target {
  const parsed = new URL(url);
  if (parsed.protocol === 'http+unix:') {
    const path = `${parsed.pathname || '/'}${parsed.search}`;
    return {
      secure: false,
      options: { socketPath: decodeURIComponent(parsed.hostname), path, host: 'localhost' },
    };
  }
  if (parsed.protocol !== 'http:' && parsed.protocol !== 'https:') {
    throw new HttpFailure(400, `The runner cannot read ${parsed.protocol} URLs.`);
  }
  return {
    secure: parsed.protocol === 'https:',
    options: {
      hostname: parsed.hostname.replace(/^\[|\]$/g, ''),
      port: parsed.port,
      path: `${parsed.pathname}${parsed.search}`,
      ...(parsed.username === ''
        ? {}
        : { auth: `${decodeURIComponent(parsed.username)}:${decodeURIComponent(parsed.password)}` }),
    },
  };
}

function redirectTarget(
  request: HttpRequest,
  url: string,
  status: number,
  headers: IncomingHttpHeaders,
): string | undefined {
  const isRedirect = [301, 302, 303, 307, 308].includes(status);
  if (request.method !== 'GET' || !isRedirect || headers.location === undefined) return undefined;
  const target = new URL(headers.location, url);
  // A redirect may not lead from the network to a local socket, nor from TLS to plain text.
  const allowed = url.startsWith('https:') ? ['https:'] : ['http:', 'https:'];
  if (url.startsWith('http+unix:')) allowed.push('http+unix:');
  return allowed.includes(target.protocol) ? target.href : undefined;
}

async function failureOf(url: string, response: IncomingMessage): Promise<HttpFailure> {
  const status = response.statusCode ?? 0;
  const body = await readBody(response, maxErrorBodyBytes).then(
    (bytes) => bytes.toString('utf8').replace(/\s+/g, ' ').trim(),
    () => '',
  );
  const detail = body === '' ? '' : ` (${body.slice(0, 200)})`;
  return new HttpFailure(status, `${originOf(url)} answered with status ${status}${detail}.`);
}

/** Names the server and no more: the path and the query of a signed URL are secrets. */
function originOf(url: string): string {
  const parsed = new URL(url);
  return parsed.protocol === 'http+unix:' ? decodeURIComponent(parsed.hostname) : parsed.host;
}

function isSameOrigin(one: string, other: string): boolean {
  const [a, b] = [new URL(one), new URL(other)];
  return a.protocol === b.protocol && a.host === b.host;
}

function isWorthRetrying(error: unknown): boolean {
  if (error instanceof HttpFailure) return error.status === 0 || error.status === 429 || error.status >= 500;
  return error instanceof Error && 'code' in error && brokenConnectionCodes.has(String(error.code));
}

function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, ms);
    function done() {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    }
    signal?.addEventListener('abort', done);
  });
}
