/** The parts of the REST API that the pages read. `/openapi.json` describes all of it. */
export interface RunSummary {
  readonly workflow_id: string;
  /** Unique among all projects. */
  readonly id: string;
  readonly project_id: string;
  readonly state: string;
  readonly summary: string | null;
  readonly error_code: string | null;
  readonly suite: string;
  readonly repo_url: string;
  readonly branch: string;
  readonly sha: string | null;
  /** The first line of the commit message, and its author. */
  readonly commit?: { readonly message: string; readonly author: string | null } | null;
  readonly pull_request: number | null;
  readonly stack_name: string | null;
  readonly waiting: {
    readonly reason: string;
    readonly position: number | null;
    readonly stack_name: string | null;
  } | null;
  readonly trigger: { readonly kind: string; readonly actor: string | null };
  readonly created_at: string;
  readonly started_at: string | null;
  readonly stopped_at: string | null;
  readonly waited_seconds: number;
  readonly report_url: string | null;
  readonly cost_usd: number | null;
  readonly tests: {
    readonly total: number;
    readonly passed: number;
    readonly failed: number;
    readonly skipped: number;
  } | null;
  readonly attempt: number;
  readonly retry_of: string | null;
  readonly retried_by: string | null;
}

export interface RunDetails extends RunSummary {
  readonly test_command: string;
  readonly timeout_seconds: number;
  readonly exit_code: number | null;
  readonly image: string | null;
  readonly cpu: number;
  readonly memory: number;
  readonly executor: string | null;
  readonly launches: number;
  readonly setup: string | null;
  readonly timeline: readonly {
    readonly step: string;
    readonly started_at: string;
    readonly finished_at: string | null;
  }[];
  readonly failures: readonly {
    readonly name: string;
    readonly group: string;
    readonly file: string | null;
    readonly line: number | null;
    readonly message: string;
    readonly details: string | null;
  }[];
  readonly log_tail: readonly string[];
  readonly warnings: readonly { readonly code: string; readonly message: string }[];
  readonly artifacts: readonly {
    readonly path: string;
    readonly size_bytes: number;
    readonly url: string;
    readonly view_url?: string | null;
  }[];
  readonly links: {
    readonly commit: string | null;
    readonly pull_request: string | null;
    readonly check_run: string | null;
    readonly console: string | null;
  };
}

export interface TestName {
  readonly group: string;
  readonly name: string;
}

/** A comparison of a run with an earlier one. */
export interface ComparedWith {
  readonly workflow_id: string;
  readonly branch: string;
  readonly sha: string | null;
  readonly state: string;
  readonly created_at: string;
  readonly duration_seconds: number | null;
  readonly tests: {
    readonly newly_failing: readonly TestName[];
    readonly still_failing: readonly TestName[];
    readonly fixed: readonly TestName[];
    readonly slower: readonly (TestName & { duration_seconds: number; before_seconds: number })[];
    readonly added: number;
    readonly removed: number;
  } | null;
}

export interface RunComparison {
  readonly base_branch: string;
  readonly duration_seconds: number | null;
  readonly base: ComparedWith | null;
  readonly previous: ComparedWith | null;
}

interface TestStats {
  readonly suite: string;
  readonly group: string;
  readonly name: string;
  readonly ran: number;
  readonly failed: number;
  readonly flaky_commits: number;
  readonly median_seconds: number;
  readonly p95_seconds: number;
}

export interface TrackedTest extends TestStats {
  readonly outcomes: readonly string[];
  readonly seconds: readonly number[];
}

export interface TestList {
  readonly tests: readonly TrackedTest[];
  readonly total: number;
  readonly suites: readonly string[];
  readonly runs: number;
  readonly pending: number;
}

export interface TestHistory extends TestStats {
  readonly history: readonly {
    readonly workflow_id: string;
    readonly branch: string;
    readonly sha: string | null;
    readonly at: string;
    readonly outcome: string;
    readonly seconds: number;
  }[];
  readonly pending: number;
}

export interface ProjectCosts {
  readonly months: readonly { readonly month: string; readonly cost_usd: number }[];
}

/** The finished runs of one week and suite; `suite` is null for all suites together. */
export interface WeekTrend {
  readonly week: string;
  readonly suite: string | null;
  readonly runs: number;
  readonly passed: number;
  readonly failed: number;
  readonly errored: number;
  readonly median_seconds: number | null;
  readonly median_queue_seconds: number | null;
  readonly commits: number;
  readonly flaky_commits: number;
  readonly cost_usd: number;
}

export interface ProjectTrends {
  /** The Monday of each week, oldest first. */
  readonly weeks: readonly string[];
  readonly rows: readonly WeekTrend[];
  readonly since: string;
  readonly complete: boolean;
}

export interface Stack {
  readonly stackName: string;
  readonly branch: string;
  readonly isAvailable: boolean;
  readonly lastDeployedCommit?: string;
  readonly lastRequested: string;
  readonly created: string;
  readonly modified: string;
  readonly holder: string | null;
  readonly reclaimAt: string | null;
  readonly heldBy: string | null;
  readonly heldSince: string | null;
  readonly leaseUntil: string | null;
  readonly lockToken: number | null;
  readonly activeRuns: readonly string[];
  /** Optional: present if the server tracks it. */
  readonly state?: 'clean' | 'dirty' | null;
  readonly url?: string | null;
  readonly reservation?: { readonly branch?: string | null; readonly until?: string | null } | null;
}

/** A current or past hold of a stack. */
export interface PastHold {
  readonly lockToken: number;
  readonly holder: string;
  readonly heldBy: string;
  readonly branch: string;
  readonly since: string;
  readonly until: string | null;
  readonly deployments: readonly { readonly commit: string; readonly at: string }[];
}

export interface Ticket {
  readonly position: number;
  readonly heldBy: string;
  readonly stackNumber: number | null;
  readonly workflowId: string | null;
  readonly holder: string;
  readonly branch: string;
  readonly asked: string;
}

/** `read` views, `run` also starts, cancels and releases, `admin` also manages projects. */
export type Scope = 'read' | 'run' | 'admin';

export interface Session {
  /** The name of a key, or a login. */
  readonly actor: string;
  readonly project: string | null;
  /** null for an API key. */
  readonly person: { readonly login: string; readonly name: string | null } | null;
}

/** An error response. `code` is stable. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly hint: string | undefined;

  constructor(status: number, body: { message?: string; code?: string; hint?: string }) {
    super(body.message ?? `The server answered with HTTP status ${status}.`);
    this.status = status;
    this.code = body.code ?? 'internal';
    this.hint = body.hint;
  }
}

/** Emits `ended` when the server no longer accepts the session; the app then shows the sign-in page. */
export const sessions = new EventTarget();

async function call<Answer>(method: string, path: string, body?: unknown): Promise<Answer> {
  const response = await fetch(path, {
    method,
    headers: ownHeaders,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return answerOf(response, path);
}

const ownHeaders = { accept: 'application/json', 'x-berth-session': '1' };

async function answerOf<Answer>(response: Response, path: string): Promise<Answer> {
  const answer: unknown = await response.json().catch(() => ({}));
  if (response.status === 401 && path !== '/session') sessions.dispatchEvent(new Event('ended'));
  // The server has the same version as this page and describes its responses in /openapi.json.
  if (!response.ok) throw new ApiError(response.status, answer as { message?: string });
  return answer as Answer;
}

/** The last response of each polled URL. */
const lastAnswers = new Map<string, { readonly etag: string; readonly answer: unknown }>();
/** More than one page polls at once. */
const maxCachedAnswers = 20;

/**
 * Polls a URL with `If-None-Match`.
 *
 * @param again accepts an answer that is a second old, which the server shares among all who poll.
 * @returns the same object as before if nothing changed.
 */
async function poll<Answer>(path: string, again: boolean): Promise<Answer> {
  const last = lastAnswers.get(path);
  const response = await fetch(path, {
    headers: {
      ...ownHeaders,
      ...(last === undefined ? {} : { 'if-none-match': last.etag }),
      ...(again ? { 'cache-control': 'max-age=1' } : {}),
    },
  });
  // The same URL, so the same type.
  if (response.status === 304 && last !== undefined) return last.answer as Answer;
  const answer = await answerOf<Answer>(response, path);
  const etag = response.headers.get('etag');
  lastAnswers.delete(path);
  if (etag !== null) lastAnswers.set(path, { etag, answer });
  const [oldest] = lastAnswers.keys();
  if (lastAnswers.size > maxCachedAnswers && oldest !== undefined) lastAnswers.delete(oldest);
  return answer;
}

/** The next person who signs in starts with an empty cache. */
sessions.addEventListener('ended', () => lastAnswers.clear());

interface ProjectPage {
  readonly projects: readonly { id: string; name: string }[];
  readonly cursor: string | null;
}

export const api = {
  session: () => call<Session>('GET', '/session'),
  signInMethods: () => call<{ github: boolean }>('GET', '/session/ways'),
  signIn: (key: string) => call<unknown>('POST', '/session', { key }),
  signOut: async () => {
    await call<unknown>('DELETE', '/session');
    lastAnswers.clear();
  },
  project: (id: string) => call<{ scope: Scope }>('GET', `/projects/${encodeURIComponent(id)}`),
  /** Reads every page: the project menu lists all of them. */
  projects: async () => {
    const projects: { id: string; name: string }[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const search: string = cursor === '' ? '' : `?${new URLSearchParams({ cursor })}`;
      const page: ProjectPage = await call<ProjectPage>('GET', `/projects${search}`);
      projects.push(...page.projects);
      cursor = page.cursor;
    }
    return { projects };
  },
  runs: (query: URLSearchParams, again = false) =>
    poll<{ workflows: readonly RunSummary[]; cursor?: string | null }>(`/workflow?${query}`, again),
  run: (id: string) => call<RunDetails>('GET', `/workflow/${encodeURIComponent(id)}`),
  cancel: (id: string) => call<unknown>('DELETE', `/workflow/${encodeURIComponent(id)}`),
  retest: (id: string) =>
    call<{ workflow_id: string }>('POST', `/workflow/${encodeURIComponent(id)}/retest`, {}),
  retestFailed: (id: string) =>
    call<{ workflows: readonly { suite: string; workflow_id: string }[] }>(
      'POST',
      `/workflow/${encodeURIComponent(id)}/retest-failed`,
      {},
    ),
  comparison: (id: string) => call<RunComparison>('GET', `/workflow/${encodeURIComponent(id)}/comparison`),
  costs: (project: string) => call<ProjectCosts>('GET', `/projects/${encodeURIComponent(project)}/costs`),
  trends: (project: string, weeks: string) =>
    call<ProjectTrends>('GET', `/projects/${encodeURIComponent(project)}/trends?weeks=${weeks}`),
  badge: (project: string, query: URLSearchParams) =>
    call<{ image_url: string; markdown: string }>(
      'GET',
      `/projects/${encodeURIComponent(project)}/badge?${query}`,
    ),
  tests: (project: string, query: URLSearchParams) =>
    call<TestList>('GET', `/projects/${encodeURIComponent(project)}/tests?${query}`),
  testHistory: (project: string, test: { suite: string; group: string; name: string }) =>
    call<TestHistory>(
      'GET',
      `/projects/${encodeURIComponent(project)}/tests/history?${new URLSearchParams(test)}`,
    ),
  stacks: (project: string, again: boolean) =>
    poll<{ stacks: readonly Stack[] }>(`/listStacks?project=${encodeURIComponent(project)}`, again),
  queue: (project: string, again: boolean) =>
    poll<{ line: readonly Ticket[] }>(`/line?project=${encodeURIComponent(project)}`, again),
  stack: (project: string, name: string) =>
    call<Stack>('GET', `/stacks/${encodeURIComponent(name)}?project=${encodeURIComponent(project)}`),
  holds: (project: string, name: string) =>
    call<{ holds: readonly PastHold[] }>(
      'GET',
      `/stacks/${encodeURIComponent(name)}/history?project=${encodeURIComponent(project)}`,
    ),
  extend: (project: string, stackName: string, lockToken: number | null, leaseSeconds: number) =>
    call<unknown>('POST', `/extendLease?project=${encodeURIComponent(project)}`, {
      stackName,
      leaseSeconds,
      ...(lockToken === null ? {} : { lockToken }),
    }),
  reclaim: (project: string, stackName: string, lockToken: number | null) =>
    call<unknown>('POST', `/reclaimStack?project=${encodeURIComponent(project)}`, {
      stackName,
      ...(lockToken === null ? {} : { lockToken }),
    }),
  release: (project: string, stackName: string, lockToken: number | null) =>
    call<unknown>('POST', `/releaseStack?project=${encodeURIComponent(project)}`, {
      stackName,
      ...(lockToken === null ? {} : { lockToken }),
    }),
};

/** Converts whatever a call threw to an error that can be shown. */
export function asApiError(error: unknown): ApiError {
  return error instanceof ApiError
    ? error
    : new ApiError(0, { message: 'Cannot reach the server.', hint: 'Check your connection.' });
}
