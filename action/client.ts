import { ApiError } from './api-error.ts';
import type {
  HeldStack,
  LogPage,
  PlaceInLine,
  StackRequest,
  Workflow,
  WorkflowRequest,
  WorkflowStarted,
  WorkflowStatus,
} from './berth-api.ts';
import type { Credentials } from './credentials.ts';
import type { Retry } from './retry.ts';
import type { HttpAnswer, HttpRequest, Transport } from './transport.ts';

export interface ClientDeps {
  /** Without a slash at its end. */
  readonly apiUrl: string;
  /** The project that requests are about; absent: the caller's own. */
  readonly project?: string;
  readonly credentials: Credentials;
  readonly transport: Transport;
  readonly retry: Retry;
}

export interface CallOptions {
  /** Ends the call with Cancelled. */
  readonly signal?: AbortSignal;
  readonly patienceMs?: number;
}

export interface LogPosition {
  /** Absent: the beginning. */
  readonly cursor: string | undefined;
  /** The most lines to be given. */
  readonly limit: number;
}

/** As the server allows. */
export const mostLinesPerPage = 10_000;

export type Client = ReturnType<typeof createClient>;

/**
 * Berth's REST API, as far as the action needs it. Every request may be repeated without harm, and is, where the
 * network or the server is away for a while.
 *
 * @throws ApiError where Berth says no; Unreachable where it says nothing for too long.
 */
export function createClient(deps: ClientDeps) {
  const call = createCall(deps);
  const path = (id: string, rest = ''): string => `/workflow/${encodeURIComponent(id)}${rest}`;

  return {
    /** The same key is the same workflow, so that a repeated request starts nothing new. */
    start: (request: WorkflowRequest, idempotencyKey: string, options?: CallOptions) =>
      call<WorkflowStarted>(
        'POST',
        '/workflow/execute',
        { ...request, idempotency_key: idempotencyKey },
        options,
      ),
    status: (id: string, options?: CallOptions) =>
      call<WorkflowStatus>('GET', path(id, '/status'), undefined, options),
    workflow: (id: string, options?: CallOptions) => call<Workflow>('GET', path(id), undefined, options),
    log(id: string, page: LogPosition, options?: CallOptions): Promise<LogPage> {
      const after = page.cursor === undefined ? '' : `&cursor=${encodeURIComponent(page.cursor)}`;
      return call<LogPage>('GET', path(id, `/logs?limit=${page.limit}${after}`), undefined, options);
    },
    /** One that has ended already needs no cancelling, and is no error. */
    async cancel(id: string, options?: CallOptions): Promise<void> {
      try {
        await call('DELETE', path(id), undefined, options);
      } catch (error) {
        if (!(error instanceof ApiError && error.code === 'run_ended')) throw error;
      }
    },
    /** Asking again with the same holder gives the same stack, or the same place in line. */
    requestStack: (request: StackRequest, options?: CallOptions) =>
      call<HeldStack | PlaceInLine>('POST', '/requestStack', request, options),
    releaseStack: (request: { stackName: string; lockToken?: number }, options?: CallOptions) =>
      call<unknown>('POST', '/releaseStack', request, options),
    setLastDeployedCommit: (
      request: { stackName: string; lastDeployedCommit: string; lockToken?: number },
      options?: CallOptions,
    ) => call<unknown>('POST', '/setLastDeployedCommit', request, options),
  };
}

function createCall({ apiUrl, project, credentials, transport, retry }: ClientDeps) {
  async function send(request: Omit<HttpRequest, 'headers'>): Promise<HttpAnswer> {
    const headers = {
      Accept: 'application/json',
      ...(request.body === undefined ? {} : { 'Content-Type': 'application/json' }),
      ...(project === undefined ? {} : { 'X-Berth-Project': project }),
      ...(await credentials.headers()),
    };
    return transport({ ...request, headers });
  }

  async function sendOnce(request: Omit<HttpRequest, 'headers'>): Promise<unknown> {
    let answer = await send(request);
    // A token may end on its way, or sooner than it said.
    if (answer.status === 401 && credentials.renew()) answer = await send(request);
    return readAnswer(answer, apiUrl);
  }

  return async <Answer>(
    method: HttpRequest['method'],
    path: string,
    body?: object,
    options?: CallOptions,
  ): Promise<Answer> => {
    const request = {
      method,
      url: `${apiUrl}${path}`,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    };
    // Berth's own schemas say what its answers hold, and a test holds the types of berth-api.ts against them.
    return (await retry(() => sendOnce(request), options)) as Answer;
  };
}

function readAnswer(answer: HttpAnswer, apiUrl: string): unknown {
  const body = parseObject(answer.body);
  if (answer.status >= 200 && answer.status < 300 && body !== undefined) return body;
  throw new ApiError(messageOf(answer, body, apiUrl), {
    status: answer.status,
    ...(typeof body?.code === 'string' ? { code: body.code } : {}),
    ...retryAfterOf(answer),
  });
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : undefined;
  } catch {
    // Something else than Berth has answered; the caller says so.
    return undefined;
  }
}

function messageOf(answer: HttpAnswer, body: Record<string, unknown> | undefined, apiUrl: string): string {
  const texts = [
    body?.message ?? body?.error,
    body?.hint,
    typeof body?.details === 'string' ? body.details : undefined,
  ];
  const said = texts.filter((text) => typeof text === 'string' && text !== '').join(' ');
  if (said !== '') return `Berth answered ${answer.status}: ${said}`;
  const { location } = answer.headers;
  if (answer.status >= 300 && answer.status < 400 && location !== undefined) {
    return `${apiUrl} is somewhere else: it answered ${answer.status} with the address ${location}. Give that as api-url.`;
  }
  return `${apiUrl} answered ${answer.status}, and not as Berth does. Is api-url right?`;
}

function retryAfterOf(answer: HttpAnswer): { retryAfterSeconds?: number } {
  const seconds = Number(answer.headers['retry-after']);
  return Number.isFinite(seconds) && seconds > 0 ? { retryAfterSeconds: Math.min(seconds, 300) } : {};
}
