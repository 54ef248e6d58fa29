import { omitUndefined } from '../lib/omit-undefined.ts';
import { answer, type Body, type Caller, type CallOptions, type Query } from './call.ts';

export function projectRoutes({ client, init }: Caller) {
  const of = (id: string) => ({ params: { path: { id } } });
  const key = (id: string, keyId: string) => ({ params: { path: { id, keyId } } });
  const once = { isRepeatable: false } as const;
  const projects = (cursor?: string) =>
    answer(client.GET('/projects', { params: { query: omitUndefined({ cursor }) }, ...init() }));

  return {
    health: (call?: CallOptions) => answer(client.GET('/healthz', init(call))),
    projects,
    /** Reads every page. */
    async allProjects() {
      const all: Awaited<ReturnType<typeof projects>>['projects'] = [];
      let cursor: string | undefined;
      do {
        const page = await projects(cursor);
        all.push(...page.projects);
        cursor = page.cursor ?? undefined;
      } while (cursor !== undefined);
      return all;
    },
    projectById: (id: string) => answer(client.GET('/projects/{id}', { ...of(id), ...init() })),
    createProject: (body: Body<'createProject'>) => answer(client.POST('/projects', { body, ...init(once) })),
    changeProject: (id: string, body: Body<'changeProject'>) =>
      answer(client.PATCH('/projects/{id}', { ...of(id), body, ...init() })),
    costs: (id: string, query: Query<'getProjectCosts'> = {}) =>
      answer(client.GET('/projects/{id}/costs', { params: { path: { id }, query }, ...init() })),
    trends: (id: string, query: Query<'getProjectTrends'> = {}) =>
      answer(client.GET('/projects/{id}/trends', { params: { path: { id }, query }, ...init() })),
    badge: (id: string, query: Query<'getBadge'> = {}) =>
      answer(client.GET('/projects/{id}/badge', { params: { path: { id }, query }, ...init() })),
    tests: (id: string, query: Query<'listTests'>) =>
      answer(client.GET('/projects/{id}/tests', { params: { path: { id }, query }, ...init() })),
    testHistory: (id: string, query: Query<'getTestHistory'>) =>
      answer(client.GET('/projects/{id}/tests/history', { params: { path: { id }, query }, ...init() })),
    keys: (project: string) => answer(client.GET('/projects/{id}/keys', { ...of(project), ...init() })),
    createKey: (project: string, body: Body<'createKey'>) =>
      answer(client.POST('/projects/{id}/keys', { ...of(project), body, ...init(once) })),
    rotateKey: (project: string, keyId: string) =>
      answer(client.POST('/projects/{id}/keys/{keyId}/rotate', { ...key(project, keyId), ...init(once) })),
    revokeKey: (project: string, keyId: string) =>
      answer(client.DELETE('/projects/{id}/keys/{keyId}', { ...key(project, keyId), ...init() })),
  };
}
