import type { Scope } from '../core/model/project.ts';
import * as answers from './api-answers.ts';
import type { ApiClient, ApiQuery } from './api-client.ts';

/** What `POST /workflow/execute` takes. */
export interface RunRequest {
  readonly repo_url: string;
  readonly branch: string;
  readonly test_command: string;
  /** Makes a request that is sent twice one run. */
  readonly idempotency_key: string;
  readonly sha?: string;
  readonly suite?: string;
  readonly setup?: string;
  readonly stack?: string | boolean;
  readonly env?: Readonly<Record<string, string>>;
  readonly timeout_seconds?: number;
  /** vCPUs up to 16, or CPU units. */
  readonly cpu?: number;
  /** MiB. */
  readonly memory?: number;
  readonly image?: string;
  readonly junit?: readonly string[];
  readonly artifacts?: readonly string[];
  readonly retries?: number;
}

export interface RunQuery {
  readonly branch?: string;
  readonly suite?: string;
  readonly sha?: string;
  readonly state?: readonly string[];
  readonly text?: string;
  readonly limit?: number;
  readonly cursor?: string;
}

export interface StackRequest {
  readonly branch: string;
  /** The same holder gets the same stack. */
  readonly holder: string;
  readonly wait: boolean;
  readonly leaseSeconds?: number;
}

/** Lines of a log in one answer. */
export const logPageLines = 1000;
/** How long somebody who follows a run waits for a server that is restarted. */
const followPatienceSeconds = 60;

/**
 * The routes of the REST API that the command line uses, as functions; docs/api.md tells what they do. Each throws
 * CliError.
 *
 * @param options.project its id or name; absent: the key's own.
 */
export function berthApi(client: ApiClient, options: { readonly project?: string } = {}) {
  const of = (query: ApiQuery = {}): ApiQuery => ({ ...query, project: options.project });
  return {
    ...runRoutes(client, of),
    ...stackRoutes(client, of),
    ...projectRoutes(client),
    ...keyRoutes(client),
    project: options.project,
    health: () =>
      client.send({
        method: 'GET',
        path: ['healthz'],
        answer: answers.healthSchema,
        patienceSeconds: 0,
        timeoutSeconds: 5,
      }),
  };
}
export type BerthApi = ReturnType<typeof berthApi>;

type OfProject = (query?: ApiQuery) => ApiQuery;

function runRoutes({ send, download }: ApiClient, of: OfProject) {
  const follow = { method: 'GET', patienceSeconds: followPatienceSeconds } as const;
  const repeatable = { repeatable: true } as const;
  return {
    startRun: (body: RunRequest) =>
      send({
        method: 'POST',
        path: ['workflow', 'execute'],
        query: of(),
        body,
        answer: answers.runStartedSchema,
        ...repeatable,
      }),
    retestRun: (id: string, idempotencyKey: string) =>
      send({
        method: 'POST',
        path: ['workflow', id, 'retest'],
        body: { idempotency_key: idempotencyKey },
        answer: answers.runStartedSchema,
        ...repeatable,
      }),
    cancelRun: (id: string, reason?: string) =>
      send({
        method: 'DELETE',
        path: ['workflow', id],
        query: { reason },
        answer: answers.messageSchema,
        ...repeatable,
      }),
    runs: (query: RunQuery) =>
      send({ method: 'GET', path: ['workflow'], query: of({ ...query }), answer: answers.runListSchema }),
    run: (id: string) => send({ ...follow, path: ['workflow', id], answer: answers.runDetailsSchema }),
    runStatus: (id: string) =>
      send({ ...follow, path: ['workflow', id, 'status'], answer: answers.runStatusSchema }),
    /** @param cursor from the page before; absent: the beginning. */
    logPage: (id: string, cursor: string | undefined) =>
      send({
        ...follow,
        path: ['workflow', id, 'logs'],
        query: { cursor, limit: logPageLines },
        answer: answers.logPageSchema,
      }),
    report: (id: string) => download(['workflow', id, 'report']),
  };
}

function stackRoutes({ send }: ApiClient, of: OfProject) {
  const post = { method: 'POST', query: of() } as const;
  return {
    stacks: () => send({ method: 'GET', path: ['listStacks'], query: of(), answer: answers.stackListSchema }),
    requestStack: (body: StackRequest) =>
      send({ ...post, path: ['requestStack'], body, answer: answers.stackRequestedSchema, repeatable: true }),
    /** Without the token it might end the hold of whoever came next, so that one is not sent twice. */
    releaseStack: (stackName: string, lockToken?: number) =>
      send({
        ...post,
        path: ['releaseStack'],
        body: { stackName, lockToken },
        answer: answers.messageSchema,
        repeatable: lockToken !== undefined,
      }),
    setLastDeployedCommit: (stackName: string, lastDeployedCommit: string) =>
      send({
        ...post,
        path: ['setLastDeployedCommit'],
        body: { stackName, lastDeployedCommit },
        answer: answers.messageSchema,
        repeatable: true,
      }),
    deleteLastStack: () =>
      send({ ...post, path: ['deleteLastStack'], body: {}, answer: answers.messageSchema }),
  };
}

function projectRoutes({ send }: ApiClient) {
  return {
    projects: (cursor?: string) =>
      send({ method: 'GET', path: ['projects'], query: { cursor }, answer: answers.projectListSchema }),
    costs: (id: string, range: { from?: string; to?: string }) =>
      send({ method: 'GET', path: ['projects', id, 'costs'], query: range, answer: answers.costsSchema }),
    createProject: (name: string, settings: Readonly<Record<string, unknown>>) =>
      send({ method: 'POST', path: ['projects'], body: { name, settings }, answer: answers.projectSchema }),
    changeProject: (id: string, settings: Readonly<Record<string, unknown>>) =>
      send({
        method: 'PATCH',
        path: ['projects', id],
        body: { settings },
        answer: answers.projectSchema,
        repeatable: true,
      }),
  };
}

function keyRoutes({ send }: ApiClient) {
  return {
    keys: (project: string) =>
      send({ method: 'GET', path: ['projects', project, 'keys'], answer: answers.keyListSchema }),
    createKey: (project: string, body: { name: string; scope: Scope; allProjects: boolean }) =>
      send({ method: 'POST', path: ['projects', project, 'keys'], body, answer: answers.mintedKeySchema }),
    rotateKey: (project: string, id: string) =>
      send({
        method: 'POST',
        path: ['projects', project, 'keys', id, 'rotate'],
        body: {},
        answer: answers.mintedKeySchema,
      }),
    revokeKey: (project: string, id: string) =>
      send({
        method: 'DELETE',
        path: ['projects', project, 'keys', id],
        answer: answers.messageSchema,
        repeatable: true,
      }),
  };
}
