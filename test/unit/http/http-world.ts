import type { OpenAPIHono } from '@hono/zod-openapi';
import { type RunId, runId } from '../../../app/core/model/ids.ts';
import type { Project, ProjectSettingsInput, Scope } from '../../../app/core/model/project.ts';
import { createApp } from '../../../app/http/app.ts';
import { mintKey } from '../../../app/http/auth/api-key.ts';
import { type HttpDeps, httpLimits } from '../../../app/http/http-deps.ts';
import type { HttpEnv } from '../../../app/http/http-env.ts';
import { type World, world } from '../../helpers/memory-deps.ts';

/** The REST API in a world without a machine. */
export interface HttpWorld extends World {
  readonly deps: HttpDeps;
  readonly app: OpenAPIHono<HttpEnv>;
  /** Waits that answers asked for, in milliseconds; each is over immediately. */
  readonly pauses: number[];
  /** A key of a project, as a client sends it. */
  key(project: Project, scope?: Scope, allProjects?: boolean): Promise<string>;
  /** A client with a key. */
  client(project: Project, scope?: Scope, allProjects?: boolean): Promise<Client>;
  /** A project with stacks, and a client that may do everything in it. */
  shop(settings?: ProjectSettingsInput, name?: string): Promise<{ project: Project; client: Client }>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // Tests read answers as clients without a schema do.
  // biome-ignore lint/suspicious/noExplicitAny: the shape is what each test asserts.
  readonly body: any;
}

export interface Client {
  get(path: string, headers?: Record<string, string>): Promise<Answer>;
  post(path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  send(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  /** The unparsed answer, for streams and files. */
  raw(path: string, init?: RequestInit): Promise<Response>;
}

export function httpWorld(change: Partial<HttpDeps> = {}): HttpWorld {
  const w = world();
  const pauses: number[] = [];
  let secrets = 0;
  const deps: HttpDeps = {
    ...w.deps,
    ids: {
      ...w.deps.ids,
      secret: (bytes) => {
        secrets += 1;
        return secrets.toString(16).padStart(bytes * 2, '0');
      },
    },
    version: '1.2.3',
    publicUrl: 'http://berth.test',
    authenticators: [],
    waitForLaunch: () => w.settle(),
    pause: async (milliseconds) => void pauses.push(milliseconds),
    githubHost: 'github.com',
    cloneRules: { allowFileUrls: false, allowPrivateHosts: false },
    limits: httpLimits,
    ...change,
  };
  const app = createApp(deps);
  const key: HttpWorld['key'] = async (project, scope = 'admin', allProjects = false) => {
    const minted = mintKey(deps, { projectId: project.id, name: `${scope} key`, scope, allProjects });
    await deps.store.projects.createKey(minted.key);
    return minted.plain;
  };
  const client: HttpWorld['client'] = async (project, scope, allProjects) =>
    clientOf(app, { 'X-API-Key': await key(project, scope, allProjects) });
  return {
    ...w,
    deps,
    app,
    pauses,
    key,
    client,
    async shop(settings, name) {
      const project = await w.project(settings, name);
      return { project, client: await client(project) };
    },
  };
}

/** The ID under which the run is stored that a client knows by the name it chose. */
export async function storedId(client: Client, name: string): Promise<RunId> {
  return runId((await client.get(`/workflow/${name}`)).body.id);
}

export function clientOf(app: OpenAPIHono<HttpEnv>, always: Record<string, string> = {}): Client {
  const raw: Client['raw'] = async (path, init = {}) =>
    app.request(path, { ...init, headers: { ...always, ...(init.headers as Record<string, string>) } });
  const send: Client['send'] = async (method, path, body, headers = {}) => {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    const response = await raw(path, { method, headers, ...(body === undefined ? {} : { body: text }) });
    const answer = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      body: answer === '' ? undefined : JSON.parse(answer),
    };
  };
  return {
    raw,
    send,
    get: (path, headers) => send('GET', path, undefined, headers),
    post: (path, body, headers) => send('POST', path, body, headers),
  };
}

/** The least that starts a workflow. */
export const aRequest = {
  repo_url: 'https://github.com/acme/site.git',
  branch: 'main',
  test_command: 'npm test',
};
