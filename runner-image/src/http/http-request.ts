import type { ClientRequest, IncomingHttpHeaders, IncomingMessage, RequestOptions } from 'node:http';
import type { Readable } from 'node:stream';
import { setTimeout } from 'node:timers/promises';
import { omitUndefined } from '../../../app/lib/omit-undefined.ts';
import { errorText } from '../runner-error.ts';

/** The body of a request. Each attempt opens it again, because a stream can be read only once. */
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
  /** Ends the request and the wait between attempts. */
  readonly signal?: AbortSignal;
  /** Number of attempts. Default: 5. */
  readonly attempts?: number;
  /** Time without a byte after which an attempt fails. Default: 30,000. */
  readonly idleTimeoutMs?: number;
  /** Wait before the second attempt. It doubles with each attempt. Default: 200. */
  readonly backoffMs?: number;
}

/** A response that is not a success. `status` is 0 if there was no response. */
export class HttpFailure extends Error {
  override readonly name = 'HttpFailure';
  readonly status: number;

  constructor(status: number, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.status = status;
  }
}

/** Number of attempts whose waits add up to 50 seconds, which outlasts a restart of the server or its proxy. */
export const attemptsOverRestart = 9;

const maxRedirects = 5;
const brokenConnectionCodes = new Set(['ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ERR_STREAM_PREMATURE_CLOSE']);
const maxErrorBodyBytes = 2_000;

/**
 * Sends a request, and retries after a network failure, a 429, or a 5xx, with growing waits. A GET follows redirects, and
 * drops the caller's headers if a redirect leads to another origin.
 *
 * @param read receives a 2xx response. A connection that breaks while it reads is a failed attempt too.
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
    const waitMs = (request.backoffMs ?? 200) * 2 ** (attempt - 1);
    await setTimeout(waitMs, undefined, omitUndefined({ signal: request.signal })).catch(() => undefined);
  }
}

/**
 * @returns the whole body of a response.
 * @throws HttpFailure if it is longer than `maxBytes`
 */
export async function readBody(response: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response) {
    size += chunk.length;
    if (size > maxBytes)
      throw new HttpFailure(response.statusCode ?? 0, `The response is over ${maxBytes} bytes.`);
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
      ...omitUndefined({ signal: request.signal }),
    });
    const fail = (error: Error) =>
      reject(new HttpFailure(0, `${originOf(url)} could not be reached: ${errorText(error)}.`, error));
    const idleTimeoutMs = request.idleTimeoutMs ?? 30_000;
    outgoing.setTimeout(idleTimeoutMs, () => {
      outgoing.destroy(new Error(`no response within ${Math.round(idleTimeoutMs / 1000)} s`));
    });
    outgoing.on('error', fail);
    outgoing.on('response', resolve);
    sendBody(request.body, outgoing, fail);
  });
}

function sendBody(
  body: RequestBody | undefined,
  outgoing: ClientRequest,
  fail: (error: Error) => void,
): void {
  const content = body?.open();
  if (content === undefined || Buffer.isBuffer(content)) {
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
  // A redirect must not lead from the network to a local socket, or from TLS to plain text.
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
  return new HttpFailure(status, `${originOf(url)} responded with status ${status}${detail}.`);
}

/** Names only the server: the path and the query of a signed URL are secrets. */
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
