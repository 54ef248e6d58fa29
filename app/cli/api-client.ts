import type { z } from 'zod';
import { omitUndefined } from '../lib/omit-undefined.ts';
import { refusal, unreachable, unreadable } from './api-failure.ts';
import type { CliError } from './cli-error.ts';

/** What the client needs of the world; tests hand in their own. */
export interface Transport {
  readonly fetch: typeof globalThis.fetch;
  /** @throws the signal's reason where it is aborted meanwhile. */
  readonly sleep: (milliseconds: number, signal?: AbortSignal) => Promise<void>;
  readonly now: () => Date;
  /** An even number in [0, 1): clients that failed together should not come back together. */
  readonly random: () => number;
}

/** A list stands for the same name several times. */
export type ApiQuery = Readonly<Record<string, string | number | readonly string[] | undefined>>;

export interface ApiRequest<Answer> {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** Each element is one segment of the path, and is encoded as such. */
  readonly path: readonly string[];
  readonly query?: ApiQuery;
  readonly body?: unknown;
  readonly answer: z.ZodType<Answer>;
  /** Twice does what once does, so it may be sent again where nobody knows whether it arrived. GETs always are. */
  readonly repeatable?: boolean;
  /** For how long to try again where the server cannot be reached. */
  readonly patienceSeconds?: number;
  /** For how long to wait for one answer; 30 by default. */
  readonly timeoutSeconds?: number;
  readonly signal?: AbortSignal;
}

export interface ApiClient {
  readonly url: string;
  /** @throws CliError `unreachable`, `answer_unreadable`, or with the code of the server's own refusal. */
  send<Answer>(request: ApiRequest<Answer>): Promise<Answer>;
  /** A document as it is. @throws as {@link ApiClient.send}. */
  download(path: readonly string[]): Promise<Uint8Array>;
}

const defaultTimeoutSeconds = 30;
const defaultPatienceSeconds = 2;
const firstPauseMilliseconds = 100;
const longestPauseMilliseconds = 3_000;
/** The request was not carried out, or somebody on the way could not reach the server. */
const passingStatuses = new Set([429, 502, 503, 504]);

/** Speaks to the REST API of one server, with one key. */
export function createApiClient(deps: {
  readonly url: string;
  readonly apiKey?: string;
  readonly transport: Transport;
}): ApiClient {
  const { transport, apiKey } = deps;
  const base = deps.url.replace(/\/+$/, '');

  async function exchange(request: Omit<ApiRequest<unknown>, 'answer'>): Promise<Response> {
    const patience = (request.patienceSeconds ?? defaultPatienceSeconds) * 1000;
    const deadline = transport.now().getTime() + patience;
    for (let attempt = 0; ; attempt++) {
      const { outcome, pause, mayRepeat } = await attemptOnce(request, attempt);
      if (outcome instanceof Response) return outcome;
      if (!mayRepeat || transport.now().getTime() + pause > deadline) throw outcome;
      await transport.sleep(pause, request.signal);
    }
  }

  async function attemptOnce(
    request: Omit<ApiRequest<unknown>, 'answer'>,
    attempt: number,
  ): Promise<{ outcome: Response | CliError; pause: number; mayRepeat: boolean }> {
    const { method, signal, timeoutSeconds = defaultTimeoutSeconds } = request;
    const backoff = Math.min(longestPauseMilliseconds, firstPauseMilliseconds * 2 ** attempt);
    const pause = backoff * (0.5 + transport.random() / 2);
    const repeatable = method === 'GET' || request.repeatable === true;
    try {
      const response = await transport.fetch(
        addressOf(base, request),
        omitUndefined({
          method,
          headers: omitUndefined({
            accept: 'application/json',
            'x-api-key': apiKey,
            'content-type': request.body === undefined ? undefined : 'application/json',
          }),
          body: request.body === undefined ? undefined : JSON.stringify(request.body),
          // A redirect would carry the key to wherever it points.
          redirect: 'manual',
          signal: AbortSignal.any([AbortSignal.timeout(timeoutSeconds * 1000), ...(signal ? [signal] : [])]),
        }),
      );
      if (response.ok) return { outcome: response, pause, mayRepeat: false };
      const mayRepeat = response.status === 429 || (repeatable && passingStatuses.has(response.status));
      return {
        outcome: await refusal(base, response),
        pause: retryAfter(response, transport.now()) ?? pause,
        mayRepeat,
      };
    } catch (cause) {
      signal?.throwIfAborted();
      return { outcome: unreachable(base, cause), pause, mayRepeat: repeatable };
    }
  }

  return {
    url: base,
    async send(request) {
      const response = await exchange(request);
      const text = await response.text();
      const parsed = request.answer.safeParse(json(text));
      if (!parsed.success) throw unreadable(base, request.path.join('/'), parsed.error);
      return parsed.data;
    },
    async download(path) {
      const response = await exchange({ method: 'GET', path });
      return new Uint8Array(await response.arrayBuffer());
    },
  };
}

function addressOf(base: string, { path, query }: Pick<ApiRequest<unknown>, 'path' | 'query'>): URL {
  const url = new URL(`${base}/${path.map(encodeURIComponent).join('/')}`);
  for (const [name, value] of Object.entries(query ?? {})) {
    const values = typeof value === 'object' ? value : [value];
    for (const one of values) if (one !== undefined) url.searchParams.append(name, String(one));
  }
  return url;
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The schema says what was wanted instead.
    return undefined;
  }
}

/** Milliseconds, from either form of the header (RFC 9110, 10.2.3). */
function retryAfter(response: Response, now: Date): number | undefined {
  const value = response.headers.get('retry-after');
  if (value === null) return undefined;
  if (/^\d{1,6}$/.test(value)) return Number(value) * 1000;
  const at = Date.parse(value);
  return Number.isNaN(at) ? undefined : Math.max(0, at - now.getTime());
}
