import { types } from 'node:util';
import { HttpClient } from '@actions/http-client';
import { NoAnswer } from './api-error.ts';

export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface HttpAnswer {
  readonly status: number;
  /** By their names in lower case. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

/** Sends one request, once. @throws NoAnswer where no whole answer comes, and may come another time. */
export type Transport = (request: HttpRequest) => Promise<HttpAnswer>;

const answerTimeoutMs = 30_000;
const bodyTimeoutMs = 60_000;

/**
 * HTTP as the runner's own toolkit does it: through the proxy that the runner is set up with, and over connections
 * that are kept. Redirects are not followed, since an API key would go along to wherever they point.
 */
export function createTransport(): Transport {
  const client = new HttpClient('berth-action', [], {
    allowRedirects: false,
    allowRetries: false,
    keepAlive: true,
    socketTimeout: answerTimeoutMs,
  });
  return async (request) => {
    try {
      return await send(client, request);
    } catch (error) {
      throw explained(error, new URL(request.url).origin);
    }
  };
}

async function send(client: HttpClient, { method, url, headers, body }: HttpRequest): Promise<HttpAnswer> {
  const { message } = await client.request(method, url, body ?? null, { ...headers });
  // Not the toolkit's own readBody(), which waits forever when the connection breaks within the body.
  const timer = setTimeout(() => message.destroy(new Error('the answer takes too long')), bodyTimeoutMs);
  try {
    const chunks: Buffer[] = [];
    for await (const chunk of message) chunks.push(chunk);
    return {
      status: message.statusCode ?? 0,
      headers: message.headers,
      body: Buffer.concat(chunks).toString(),
    };
  } finally {
    clearTimeout(timer);
  }
}

const certificateCodes = /^(ERR_TLS_|CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_(VERIFY|GET_ISSUER))/;

function explained(error: unknown, origin: string): Error {
  const { code, text } = faultOf(error);
  if (!certificateCodes.test(code)) return new NoAnswer(text === '' ? code : text, { cause: error });
  return new Error(
    `The certificate of ${origin} is not trusted: ${text}. Where it is your own, have the runner trust it by NODE_EXTRA_CA_CERTS.`,
    { cause: error },
  );
}

function faultOf(error: unknown): { code: string; text: string } {
  if (!types.isNativeError(error)) return { code: '', text: String(error) };
  // A name with several addresses: each was tried and failed.
  if ('errors' in error && Array.isArray(error.errors) && error.errors.length > 0)
    return faultOf(error.errors[0]);
  return { code: 'code' in error ? String(error.code) : '', text: error.message };
}
