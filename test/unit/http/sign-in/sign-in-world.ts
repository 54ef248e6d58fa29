import { createHash } from 'node:crypto';
import { BerthError, type ErrorCode } from '../../../../app/core/model/errors.ts';
import { projectId } from '../../../../app/core/model/ids.ts';
import type { Project } from '../../../../app/core/model/project.ts';
import { sessionTokens } from '../../../../app/http/auth/session-token.ts';
import type { Dashboard } from '../../../../app/http/dashboard/dashboard-deps.ts';
import { type HttpDeps, httpLimits } from '../../../../app/http/http-deps.ts';
import type { People, SeenRepository } from '../../../../app/ports/people.ts';
import { type HttpWorld, httpWorld } from '../http-world.ts';

/** GitHub as far as people who sign in see it: in the memory of the test, by the clock of the test. */
interface FakeGithub {
  readonly people: People;
  /** The repositories that each login may see, and whether it may write. */
  readonly access: Map<string, SeenRepository[]>;
  /** Tokens that GitHub takes, and whose they are. */
  readonly tokens: Map<string, string>;
  /** Every refresh token that was shown, in order. */
  readonly refreshed: string[];
  /** The number of requests to GitHub for a person's repositories. */
  asked: number;
  /** How many codes it was shown. */
  exchanged: number;
  /** GitHub's answer to everything. If omitted, the normal answers. */
  fault: ErrorCode | undefined;
  /** Tokens of GitHub end by themselves; set to false before signing in for an App whose tokens do not. */
  tokensExpire: boolean;
  /** A person presses "Authorize" on GitHub's page. @returns where their browser is sent. */
  authorize(authorizeUrl: string, login: string): string;
}

const lifeMs = 8 * 3600_000;

function fakeGithub(clock: { now(): Date }): FakeGithub {
  const codes = new Map<string, { login: string; challenge: string | null }>();
  let count = 0;
  const refuse = (code: ErrorCode): never => {
    throw new BerthError(code, code);
  };
  const working = (): void => {
    if (github.fault !== undefined) refuse(github.fault);
  };
  const loginOf = (token: string): string => github.tokens.get(token) ?? refuse('unauthorized');
  const handOut = (login: string) => {
    count += 1;
    const accessToken = `ghu_${count}`;
    github.tokens.set(accessToken, login);
    return github.tokensExpire
      ? { accessToken, refreshToken: `ghr_${count}`, expires: new Date(clock.now().getTime() + lifeMs) }
      : { accessToken };
  };
  const github: FakeGithub = {
    access: new Map(),
    tokens: new Map(),
    refreshed: [],
    asked: 0,
    exchanged: 0,
    fault: undefined,
    tokensExpire: true,
    authorize(authorizeUrl, login) {
      const { searchParams } = new URL(authorizeUrl);
      count += 1;
      codes.set(`code-${count}`, { login, challenge: searchParams.get('code_challenge') });
      const target = new URL(searchParams.get('redirect_uri') ?? '');
      return `${target.pathname}?code=code-${count}&state=${searchParams.get('state')}`;
    },
    people: {
      authorizeUrl: async ({ state, codeChallenge, redirectUrl }) =>
        `https://github.test/login/oauth/authorize?${new URLSearchParams({ state, code_challenge: codeChallenge, redirect_uri: redirectUrl })}`,
      async exchange({ code, codeVerifier }) {
        github.exchanged += 1;
        working();
        const known = codes.get(code);
        codes.delete(code);
        const proof = createHash('sha256').update(codeVerifier).digest('base64url');
        return known?.challenge === proof ? handOut(known.login) : refuse('sign_in_failed');
      },
      async refresh(token) {
        working();
        github.refreshed.push(token);
        const login = github.tokens.get(token.replace('ghr_', 'ghu_'));
        github.tokens.delete(token.replace('ghr_', 'ghu_'));
        return login === undefined ? refuse('unauthorized') : handOut(login);
      },
      async revoke(token) {
        working();
        github.tokens.delete(token);
      },
      async identify(token) {
        working();
        const login = loginOf(token);
        return { id: login.length, login };
      },
      async repositoriesOf(token) {
        working();
        github.asked += 1;
        return github.access.get(loginOf(token)) ?? [];
      },
    },
  };
  return github;
}

/** A browser: keeps cookies, and says of itself what browsers say. */
export interface Browser {
  readonly cookies: Map<string, string>;
  /** Every `Set-Cookie` that it was sent. */
  readonly sent: string[];
  /** Follows an address, as a click on a link does. */
  visit(path: string): Promise<Response>;
  /** A request by the dashboard's own scripts. */
  fetch(path: string, init?: RequestInit): Promise<Response>;
  /** Signs in through GitHub. @returns the last answer. */
  signIn(login: string, returnTo?: string): Promise<Response>;
}

export interface SignInWorld extends HttpWorld {
  readonly github: FakeGithub;
  readonly dashboard: Dashboard;
  readonly browser: () => Browser;
  /** A project that is the repository of this number. */
  repository(number: number): Promise<Project>;
}

export function signInWorld(options: { publicUrl?: string; limits?: HttpDeps['limits'] } = {}): SignInWorld {
  const publicUrl = options.publicUrl ?? 'https://berth.test';
  let now = () => new Date(0);
  const clock = { now: () => now() };
  const github = fakeGithub(clock);
  const page = {
    body: new Uint8Array(Buffer.from('<!doctype html>')),
    contentType: 'text/html; charset=utf-8',
  };
  const dashboard: Dashboard = {
    tokens: sessionTokens(Buffer.alloc(32, 7), clock),
    people: github.people,
    assets: async () => new Map([['index.html', page]]),
  };
  const w = httpWorld({ publicUrl, dashboard, limits: options.limits ?? httpLimits });
  now = () => w.clock.now();
  return {
    ...w,
    github,
    dashboard,
    browser: () => browserOf(w, github, publicUrl),
    async repository(number) {
      const project = await w.project({}, `acme/repo-${number}`);
      const repository = {
        ...project,
        id: projectId(`gh-${number}`),
        github: {
          repositoryId: number,
          installationId: 1,
          owner: 'acme',
          name: `repo-${number}`,
          defaultBranch: 'main',
        },
      };
      await w.deps.store.projects.create(repository);
      return repository;
    },
  };
}

function browserOf(w: HttpWorld, github: FakeGithub, publicUrl: string): Browser {
  const cookies = new Map<string, string>();
  const sent: string[] = [];
  const ask = async (path: string, init: RequestInit): Promise<Response> => {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await w.app.request(`${publicUrl}${path}`, {
      ...init,
      headers: {
        host: new URL(publicUrl).host,
        cookie,
        ...(init.headers as Record<string, string>),
      },
    });
    for (const set of response.headers.getSetCookie()) {
      sent.push(set);
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(set) ?? [];
      if (value === '') cookies.delete(name);
      else cookies.set(name, value);
    }
    return response;
  };
  const visit = (path: string) =>
    ask(path, { headers: { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' } });
  return {
    cookies,
    sent,
    visit,
    fetch: (path, init = {}) =>
      ask(path, {
        ...init,
        headers: {
          'sec-fetch-site': 'same-origin',
          'x-berth-session': '1',
          ...(init.method === undefined ? {} : { origin: publicUrl }),
          ...(init.headers as Record<string, string>),
        },
      }),
    async signIn(login, returnTo = '/') {
      const away = await visit(`/session/github?return_to=${encodeURIComponent(returnTo)}`);
      return visit(github.authorize(away.headers.get('location') ?? '', login));
    },
  };
}
