import { ApiError, Unreachable } from '../../../client/api-error.ts';
import type { components, operations } from '../../../client/api-types.ts';
import { type BerthApi, createBerthApi } from '../../../client/berth-api.ts';
import type { CallOptions, Query } from '../../../client/call.ts';
import { checkAnswer } from '../../../client/check-answer.ts';
import { noRetry } from '../../../client/retry.ts';
import { omitUndefined } from '../../../lib/omit-undefined.ts';

export { ApiError } from '../../../client/api-error.ts';
export type {
  ProjectCosts,
  ProjectTrends,
  TestHistory,
  TestList,
  Ticket,
  Workflow as RunDetails,
  WorkflowComparison as RunComparison,
  WorkflowSummary as RunSummary,
} from '../../../client/api-types.ts';

type Schemas = components['schemas'];
export type Stack = Schemas['Stack'];
export type TrackedTest = Schemas['TestList']['tests'][number];
export type WeekTrend = Schemas['ProjectTrends']['rows'][number];
/** A current or past hold of a stack. */
export type PastHold = Schemas['StackHistory']['holds'][number];
/** A comparison of a run with an earlier one. */
export type ComparedWith = NonNullable<Schemas['WorkflowComparison']['base']>;
export type TestName = NonNullable<ComparedWith['tests']>['fixed'][number];
/** `read` views, `run` also starts, cancels and releases, `admin` also manages projects. */
export type Scope = Schemas['Key']['scope'];

export interface Session {
  /** The name of a key, or a login. */
  readonly actor: string;
  readonly project: string | null;
  /** null for an API key. */
  readonly person: { readonly login: string; readonly name: string | null } | null;
  /** Warnings for the person who runs the server. */
  readonly warnings: readonly string[];
}

/** Emits `ended` when the server no longer accepts the session; the app then shows the sign-in page. */
export const sessions = new EventTarget();

const ownHeaders = { accept: 'application/json', 'x-berth-session': '1' };
const server = location.origin;

/** Sends a request with the session. The project is part of the address, by which the server shares answers. */
async function send(request: Request): Promise<Response> {
  const url = new URL(request.url);
  const project = request.headers.get('x-berth-project');
  if (project !== null) url.searchParams.set('project', project);
  request.headers.delete('x-berth-project');
  const { method, headers } = request;
  const body = method === 'GET' ? undefined : await request.text();
  const response = await fetch(url, omitUndefined({ method, headers, body }));
  if (response.status === 401) sessions.dispatchEvent(new Event('ended'));
  return response;
}

function apiOf(project?: string): BerthApi {
  const credentials = { headers: async () => ownHeaders, renew: () => false };
  return createBerthApi({ url: server, project, fetch: send, credentials, retry: noRetry, now: Date.now });
}

const all = apiOf();

/** Calls a route of the session, which only this page uses. */
async function session<Answer>(method: string, path: string, body?: object): Promise<Answer> {
  const init = { method, headers: ownHeaders, body: body && JSON.stringify(body) };
  const response = await fetch(path, omitUndefined(init));
  // The server has the same version as this page, so it answers as `Answer` says.
  return (
    await checkAnswer(response, { server, expects: 'json', now: Date.now() })
  ).json() as Promise<Answer>;
}

/** The last answer of each polled address. */
const lastAnswers = new Map<string, { readonly etag: string; readonly answer: unknown }>();
/** More than one page polls at the same time. */
const maxCachedAnswers = 20;

/**
 * Polls with `If-None-Match`.
 *
 * @param key identifies what is polled.
 * @param again accepts an answer that is a second old, which the server shares among all who poll.
 * @returns the same object as before if nothing changed.
 */
async function poll<Answer>(
  key: string,
  again: boolean,
  get: (options: CallOptions) => Promise<Answer>,
): Promise<Answer> {
  const last = lastAnswers.get(key);
  let etag: string | null = null;
  try {
    const answer = await get({
      headers: {
        ...(last === undefined ? {} : { 'if-none-match': last.etag }),
        ...(again ? { 'cache-control': 'max-age=1' } : {}),
      },
      onHeaders: (headers) => {
        etag = headers.get('etag');
      },
    });
    lastAnswers.delete(key);
    if (etag !== null) lastAnswers.set(key, { etag, answer });
    const [oldest] = lastAnswers.keys();
    if (lastAnswers.size > maxCachedAnswers && oldest !== undefined) lastAnswers.delete(oldest);
    return answer;
  } catch (error) {
    // The same key, so the same type.
    if (error instanceof ApiError && error.status === 304 && last !== undefined) return last.answer as Answer;
    throw error;
  }
}

/** The next person who signs in starts with an empty cache. */
sessions.addEventListener('ended', () => lastAnswers.clear());

/** The query of a page as that of a route: the server checks its values. */
function queryOf<Operation extends keyof operations>(search: URLSearchParams): Query<Operation> {
  const values = [...new Set(search.keys())].map((name) => {
    const list = search.getAll(name);
    return [name, list.length === 1 ? list[0] : list];
  });
  return Object.fromEntries(values) as Query<Operation>;
}

/** Names a hold by its token; null for a stack that is not held. */
function holdOf(stackName: string, lockToken: number | null) {
  return { stackName, ...omitUndefined({ lockToken: lockToken ?? undefined }) };
}

export const api = {
  session: () => session<Session>('GET', '/session'),
  signInMethods: () => session<{ github: boolean }>('GET', '/session/ways'),
  signIn: (key: string) => session<unknown>('POST', '/session', { key }),
  signOut: async () => {
    await session<unknown>('DELETE', '/session');
    lastAnswers.clear();
  },
  project: all.projectById,
  projects: all.allProjects,
  runs: (search: URLSearchParams, again = false) =>
    poll(`runs ${search}`, again, (options) => all.runs(queryOf<'listWorkflows'>(search), options)),
  run: (id: string) => all.run(id),
  cancel: (id: string, reason: string) => all.cancelRun(id, reason),
  retest: (id: string, failedOnly = false) => all.retestRun(id, { failed_only: failedOnly }),
  retestFailed: (id: string) => all.retestFailed(id),
  comparison: all.compareRun,
  costs: (project: string) => all.costs(project),
  trends: (project: string, weeks: string) =>
    all.trends(project, queryOf<'getProjectTrends'>(new URLSearchParams({ weeks }))),
  badge: (project: string, search: URLSearchParams) => all.badge(project, queryOf<'getBadge'>(search)),
  tests: (project: string, search: URLSearchParams) => all.tests(project, queryOf<'listTests'>(search)),
  testHistory: all.testHistory,
  stacks: (project: string, again: boolean) =>
    poll<{ stacks: readonly Stack[] }>(`stacks ${project}`, again, apiOf(project).stacks),
  queue: (project: string, again: boolean) => poll(`queue ${project}`, again, apiOf(project).queue),
  stack: (project: string, name: string): Promise<Stack> => apiOf(project).stack(name),
  holds: (project: string, name: string) => apiOf(project).stackHistory(name),
  extend: (project: string, stackName: string, lockToken: number | null, leaseSeconds: number) =>
    apiOf(project).extendLease({ ...holdOf(stackName, lockToken), leaseSeconds }),
  clean: (project: string, stackName: string) => apiOf(project).cleanStack({ stackName }),
  tearDown: (project: string, stackName: string) => apiOf(project).tearDownStack({ stackName }),
  reserve: (project: string, stackName: string, seconds: number, reason: string) =>
    apiOf(project).reserveStack({ stackName, seconds, reason }),
  unreserve: (project: string, stackName: string) => apiOf(project).unreserveStack({ stackName }),
  reclaim: (project: string, stackName: string, lockToken: number | null) =>
    apiOf(project).reclaimStack(holdOf(stackName, lockToken)),
  release: (project: string, stackName: string, lockToken: number | null) =>
    apiOf(project).releaseStack(holdOf(stackName, lockToken)),
};

/** Converts whatever a call threw to an error that can be shown. */
export function asApiError(error: unknown): ApiError {
  if (error instanceof ApiError) {
    // A proxy answered for a server that is away.
    if (error.isBerth || ![502, 503, 504].includes(error.status)) return error;
    const message = `The server does not answer (status ${error.status}).`;
    return new ApiError(message, {
      status: error.status,
      hint: 'It may be restarting. Try again in a moment.',
    });
  }
  const isOffline = error instanceof Unreachable || error instanceof TypeError;
  const message = isOffline ? 'Cannot reach the server.' : 'The page failed to load.';
  return new ApiError(message, {
    status: 0,
    hint: isOffline ? 'Check your connection.' : 'Reload the page.',
  });
}
