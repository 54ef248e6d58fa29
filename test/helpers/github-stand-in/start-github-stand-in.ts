import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { etag } from 'hono/etag';
import { removeDirectory } from '../temporary-directory.ts';
import type { Ground, Principal, StandInEnv } from './answers.ts';
import { type AppIdentity, appTokenMistake, createAppIdentity } from './app-identity.ts';
import { appRoutes } from './app-routes.ts';
import { checkRoutes } from './check-routes.ts';
import { conversationRoutes } from './conversation-routes.ts';
import { deploymentRoutes } from './deployment-routes.ts';
import { type Fault, faultInjection } from './faults.ts';
import { gitHttp } from './git-http.ts';
import { createGitRepository, type GitRepository } from './git-repository.ts';
import { inProcessFetch } from './in-process-fetch.ts';
import { manifestRoutes } from './manifest-routes.ts';
import { createPeople, type People } from './people.ts';
import { pullRoutes } from './pull-routes.ts';
import { repositoryRoutes } from './repository-routes.ts';
import type { GithubState, RepositoryState } from './state.ts';
import { authorizeRoutes, userRoutes } from './user-routes.ts';
import { createWebhookSender, type WebhookSender } from './webhook-sender.ts';

/** The permissions and events that docs/github-app.md asks for. */
const permissions = {
  checks: 'write',
  contents: 'read',
  deployments: 'write',
  metadata: 'read',
  pull_requests: 'write',
  merge_queues: 'read',
} as const;

export interface GithubStandIn {
  /** `127.0.0.1:<port>`, for `GHE_HOST`, with `GHE_PROTOCOL=http`: the API lies under `/api/v3` as GHES has it. */
  readonly host: string;
  readonly apiUrl: string;
  /** Calls it without a connection. */
  readonly fetch: typeof fetch;
  readonly identity: AppIdentity;
  readonly state: GithubState;
  /** Add failures to this list. */
  readonly faults: Fault[];
  /** `POST /api/v3/…` for each request, in the order of their coming. */
  readonly requests: string[];
  readonly webhooks: WebhookSender;
  /** Actions of people on GitHub, with their webhooks. */
  readonly people: People;
  addRepository(options: RepositoryOptions): Promise<RepositoryState>;
  close(): Promise<void>;
}

export interface RepositoryOptions {
  /** Its number; absent: a new one. */
  readonly id?: number;
  readonly owner?: string;
  readonly name: string;
  readonly files: Readonly<Record<string, string>>;
  readonly isPrivate?: boolean;
  readonly collaborators?: Readonly<Record<string, 'admin' | 'maintain' | 'write' | 'triage' | 'read'>>;
}

/**
 * A small GitHub on this machine: the parts of its REST API that Berth uses, git over HTTP, and signed webhooks. It
 * checks every request body against GitHub's own description and refuses what GitHub refuses.
 *
 * @param options.port 0, the default, for any free one.
 * @param options.createGit `memoryGit` where no one clones the repositories.
 */
export async function startGithubStandIn({
  port = 0,
  createGit = createGitRepository,
}: {
  port?: number;
  createGit?: (directory: string) => Promise<GitRepository>;
} = {}): Promise<GithubStandIn> {
  const directory = await mkdtemp(join(tmpdir(), 'github-stand-in-'));
  const identity = createAppIdentity();
  const state = emptyState();
  const faults: Fault[] = [];
  const requests: string[] = [];
  let lastId = 1000;
  let host = '';
  const nextId = (): number => ++lastId;
  const webhooks = createWebhookSender({ state, identity, nextId });
  const ground: Ground = {
    state,
    identity,
    nextId,
    apiUrl: () => `http://${host}/api/v3`,
    webUrl: () => `http://${host}`,
    notify: (event, payload) => people.notify(event, payload),
  };
  const people = createPeople(ground, webhooks);

  const app = new Hono<StandInEnv>();
  app.use('*', async (c, next) => {
    requests.push(`${c.req.method} ${c.req.path}`);
    c.set('principal', principalOf(c.req.header('authorization'), state, identity));
    await next();
    // An injected failure replaced the response.
    if (c.res.headers.has('x-ratelimit-limit')) return;
    c.header('x-ratelimit-limit', '5000');
    c.header('x-ratelimit-remaining', String(5000 - requests.length));
    c.header('x-ratelimit-reset', String(Math.ceil(Date.now() / 1000) + 3600));
  });
  app.use('*', faultInjection(faults));
  const api = new Hono<StandInEnv>();
  api.use('*', etag({ weak: true }));
  for (const routes of [
    appRoutes(ground, (delivery) => webhooks.redeliver(delivery)),
    checkRoutes(ground),
    conversationRoutes(ground),
    deploymentRoutes(ground),
    pullRoutes(ground),
    repositoryRoutes(ground),
    userRoutes(ground),
  ]) {
    api.route('/', routes);
  }
  app.route('/api/v3', api);
  app.route('/', authorizeRoutes(ground));
  app.route('/', manifestRoutes(ground));
  app.route('/', gitHttp(ground));
  app.notFound((c) =>
    c.json({ message: 'Not Found', documentation_url: 'https://docs.github.com/rest' }, 404),
  );

  const server = await new Promise<ReturnType<typeof serve>>((resolve) => {
    const made = serve({ fetch: app.fetch, hostname: '127.0.0.1', port }, (address) => {
      host = `127.0.0.1:${address.port}`;
      resolve(made);
    });
  });

  return {
    host,
    apiUrl: ground.apiUrl(),
    fetch: inProcessFetch(app),
    identity,
    state,
    faults,
    requests,
    webhooks,
    people,
    async addRepository({
      id = nextId(),
      owner = 'octo-org',
      name,
      files,
      isPrivate = false,
      collaborators = {},
    }) {
      const git = await createGit(join(directory, `${name}.git`));
      await git.commit('main', files, { message: 'first commit' });
      const repository: RepositoryState = {
        id,
        owner,
        name,
        defaultBranch: 'main',
        isPrivate,
        git,
        collaborators: new Map(Object.entries(collaborators)),
        pulls: [],
        comments: [],
        checkRuns: [],
        deployments: [],
      };
      state.repositories.push(repository);
      return repository;
    },
    async close() {
      state.webhookUrl = undefined;
      await webhooks.settled();
      await new Promise((resolve) => server.close(resolve));
      await removeDirectory(directory);
    },
  };
}

function emptyState(): GithubState {
  return {
    repositories: [],
    installationId: 77,
    permissions: { ...permissions },
    events: [],
    tokens: new Map(),
    deliveries: [],
    manifestCodes: new Map(),
    callbackUrls: [],
    codes: new Map(),
    userTokens: new Map(),
    userTokenSeconds: 8 * 3600,
    suspended: false,
    installed: true,
    webhookUrl: undefined,
    sendWebhook: fetch,
  };
}

function principalOf(
  authorization: string | undefined,
  state: GithubState,
  identity: AppIdentity,
): Principal {
  const [, credential = ''] = authorization?.split(' ') ?? [];
  const token = state.tokens.get(credential);
  if (token !== undefined && token.expires > new Date()) return { kind: 'installation', token };
  const person = state.userTokens.get(credential);
  if (person !== undefined && person.expires > new Date()) return { kind: 'person', token: person };
  if (credential.split('.').length === 3 && appTokenMistake(credential, identity, new Date()) === undefined) {
    return { kind: 'app' };
  }
  return { kind: 'nobody' };
}
