import createFetchClient, { type Client } from 'openapi-fetch';
import { omitUndefined } from '../lib/omit-undefined.ts';
import { ApiError } from './api-error.ts';
import type { operations, paths } from './api-types.ts';
import { checkAnswer } from './check-answer.ts';
import type { Credentials } from './credentials.ts';
import type { Retry } from './retry.ts';
import { unreachable } from './unreachable.ts';

/** Sends one request, once. */
export type Fetch = (request: Request) => Promise<Response>;

export interface ApiDeps {
  /** Without a slash at the end. */
  readonly url: string;
  /** ID or name of the project; if omitted, the key's own. */
  readonly project?: string | undefined;
  readonly fetch: Fetch;
  readonly credentials: Credentials;
  readonly retry: Retry;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
  /** How long to retry. */
  readonly patienceMs?: number | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Receives the headers of the answer. */
  readonly onHeaders?: ((headers: Headers) => void) | undefined;
}

interface Call extends CallOptions {
  /** Whether the request may arrive twice; true by default. */
  readonly isRepeatable?: boolean;
  readonly expects?: 'json' | 'file';
}

/** The JSON body of an operation. */
export type Body<Operation extends keyof operations> = operations[Operation] extends {
  readonly requestBody?: { readonly content: { readonly 'application/json': infer Json } };
}
  ? Json
  : never;

/** The query of an operation. */
export type Query<Operation extends keyof operations> = operations[Operation] extends {
  readonly parameters: { readonly query?: infer Parameters };
}
  ? NonNullable<Parameters>
  : never;

/** The parts of a function for a route. */
export interface Caller {
  readonly client: Client<paths>;
  /** Options for one call. */
  readonly init: (call?: Call) => { fetch: Fetch; signal?: AbortSignal };
}

export function createCaller(deps: ApiDeps): Caller {
  return {
    client: createFetchClient<paths>({ baseUrl: deps.url }),
    init: (call = {}) => {
      const { signal, patienceMs, isRepeatable = true } = call;
      return {
        ...omitUndefined({ signal }),
        fetch: (request) =>
          deps.retry(() => exchange(deps, request, call), { signal, patienceMs, isRepeatable }),
      };
    },
  };
}

/** Sends a request once, or twice if the server refuses credentials that can be renewed. */
async function exchange(deps: ApiDeps, request: Request, call: Call): Promise<Response> {
  const headers = { accept: 'application/json', 'x-berth-project': deps.project, ...call.headers };
  let response = await send(deps, request, headers);
  if (response.status === 401 && deps.credentials.renew()) response = await send(deps, request, headers);
  call.onHeaders?.(response.headers);
  return checkAnswer(response, { server: deps.url, expects: call.expects ?? 'json', now: deps.now() });
}

/** @returns the answer with its whole body in memory. */
async function send(
  { url, fetch, credentials }: ApiDeps,
  request: Request,
  headers: Readonly<Record<string, string | undefined>>,
): Promise<Response> {
  const attempt = request.clone();
  for (const [name, value] of Object.entries({ ...headers, ...(await credentials.headers()) })) {
    if (value !== undefined) attempt.headers.set(name, value);
  }
  try {
    const response = await fetch(attempt);
    const body = await response.arrayBuffer();
    // These statuses have no body, and `Response` allows none.
    const isEmpty = response.status === 204 || response.status === 304;
    return new Response(isEmpty ? null : body, { status: response.status, headers: response.headers });
  } catch (error) {
    throw unreachable(error, url);
  }
}

/** The data of an answer; `exchange` throws for every error, so only an empty body has none. */
export async function answer<Data>(sent: Promise<{ data?: Data; response: Response }>): Promise<Data> {
  const { data, response } = await sent;
  if (data === undefined) throw new ApiError('The server sent an empty answer.', { status: response.status });
  return data;
}
