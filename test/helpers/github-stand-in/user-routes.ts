import { createHash, randomBytes } from 'node:crypto';
import { Hono } from 'hono';
import { html } from 'hono/html';
import {
  describedBody,
  type Ground,
  paged,
  refusal,
  type StandInContext,
  type StandInEnv,
} from './answers.ts';
import { repositoryView } from './repository-routes.ts';
import type { RepositoryState, UserTokenState } from './state.ts';

const refreshLifeSeconds = 15_811_200;
const ranks = ['read', 'triage', 'write', 'maintain', 'admin'];

/**
 * GitHub's authorization page and the token exchange: the web flow, with PKCE.
 * It is next to the API, as on GitHub. The page selects a person, because the test server has no sign-in.
 */
export function authorizeRoutes({ state, identity }: Ground): Hono<StandInEnv> {
  const app = new Hono<StandInEnv>();

  app.get('/login/oauth/authorize', (c) => {
    const query = new URLSearchParams(c.req.query());
    const target = query.get('redirect_uri') ?? '';
    if (query.get('client_id') !== identity.clientId) return c.text('Not Found', 404);
    if (!state.callbackUrls.includes(target)) return c.text('The redirect_uri is not associated', 400);
    const method = query.get('code_challenge_method');
    if (query.has('code_challenge') && method !== 'S256') return c.text('plain is not supported', 400);
    const deny = new URL(target);
    deny.searchParams.set('error', 'access_denied');
    deny.searchParams.set('state', query.get('state') ?? '');
    return c.html(html`<!doctype html>
      <title>Authorize Berth</title>
      <h1>Authorize Berth</h1>
      <ul>
        ${peopleOf(state.repositories).map((login) => {
          query.set('as', login);
          return html`<li><a href="/login/oauth/authorize/yes?${query}">Authorize as ${login}</a></li>`;
        })}
      </ul>
      <a href="${deny.href}">Cancel</a>`);
  });

  app.get('/login/oauth/authorize/yes', (c) => {
    const { as = '', redirect_uri = '', state: given = '', code_challenge } = c.req.query();
    if (!state.callbackUrls.includes(redirect_uri)) return c.text('The redirect_uri is not associated', 400);
    const code = randomBytes(10).toString('hex');
    state.codes.set(code, { login: as, redirectUri: redirect_uri, codeChallenge: code_challenge });
    const target = new URL(redirect_uri);
    target.searchParams.set('code', code);
    target.searchParams.set('state', given);
    return c.redirect(target.href);
  });

  // GitHub returns 200 for rejections here, and a form unless the client accepts JSON.
  app.post('/login/oauth/access_token', async (c) => {
    const body: Readonly<Record<string, string | undefined>> = await c.req.json();
    const refuse = (error: string) =>
      c.json({ error, error_description: error, error_uri: 'https://x.test' });
    if (c.req.header('accept') !== 'application/json') return c.text('error=ask_for_json');
    if (body.client_id !== identity.clientId || body.client_secret !== identity.clientSecret) {
      return refuse('incorrect_client_credentials');
    }
    if (body.grant_type === 'refresh_token') {
      const old = [...state.userTokens].find(([, { refreshToken }]) => refreshToken === body.refresh_token);
      if (old === undefined) return refuse('bad_refresh_token');
      state.userTokens.delete(old[0]);
      return c.json(handOut(old[1].login));
    }
    const code = state.codes.get(body.code ?? '');
    state.codes.delete(body.code ?? '');
    if (code === undefined) return refuse('bad_verification_code');
    if (code.redirectUri !== body.redirect_uri) return refuse('redirect_uri_mismatch');
    const proof = createHash('sha256')
      .update(body.code_verifier ?? '')
      .digest('base64url');
    if (code.codeChallenge !== undefined && code.codeChallenge !== proof)
      return refuse('bad_verification_code');
    return c.json(handOut(code.login));
  });

  function handOut(login: string) {
    const [accessToken, refreshToken] = [
      `ghu_${randomBytes(18).toString('hex')}`,
      `ghr_${randomBytes(38).toString('hex')}`,
    ];
    const expires = new Date(Date.now() + state.userTokenSeconds * 1000);
    state.userTokens.set(accessToken, { login, refreshToken, expires });
    return {
      access_token: accessToken,
      expires_in: state.userTokenSeconds,
      refresh_token: refreshToken,
      refresh_token_expires_in: refreshLifeSeconds,
      scope: '',
      token_type: 'bearer',
    };
  }
  return app;
}

/** Routes for requests on behalf of a person, and for their tokens. */
export function userRoutes(ground: Ground): Hono<StandInEnv> {
  const { state, identity } = ground;
  const app = new Hono<StandInEnv>();
  const reaches = (login: string) =>
    state.repositories.filter(({ collaborators }) => collaborators.has(login));

  app.get('/user', (c) => {
    const { login } = asPerson(c);
    const name = login === 'dana' ? 'Dana Ríos' : null;
    return c.json({ login, id: personId(login), type: 'User', name });
  });

  app.get('/user/installations', (c) => {
    const { login } = asPerson(c);
    const installations = reaches(login).length === 0 ? [] : [{ id: state.installationId }];
    const view = installations.map(({ id }) => ({
      id,
      app_id: identity.appId,
      account: { login: state.repositories[0]?.owner ?? 'octo-org', id: 1, type: 'Organization' },
      suspended_at: state.suspended ? new Date().toISOString() : null,
    }));
    return c.json({ total_count: view.length, installations: view });
  });

  app.get('/user/installations/:id/repositories', (c) => {
    const { login } = asPerson(c);
    if (Number(c.req.param('id')) !== state.installationId) throw refusal(404, 'Not Found');
    const all = reaches(login);
    if (all.length === 0) throw refusal(404, 'Not Found');
    const { page, headers } = paged(c, all);
    const repositories = page.map((repository) => ({
      ...repositoryView(ground, repository),
      permissions: permissionsOf(repository, login),
    }));
    return c.json({ total_count: all.length, repositories }, 200, headers);
  });

  app.post('/applications/:client/token', async (c) => {
    asClient(c);
    const { access_token } = await describedBody<TokenBody>(c, 'post /applications/{client_id}/token');
    if (!state.userTokens.has(access_token)) throw refusal(404, 'Not Found');
    return c.json({ id: 1, token: access_token });
  });
  app.delete('/applications/:client/token', async (c) => {
    asClient(c);
    const { access_token } = await describedBody<TokenBody>(c, 'delete /applications/{client_id}/token');
    if (!state.userTokens.delete(access_token)) throw refusal(404, 'Not Found');
    return c.body(null, 204);
  });

  function asClient(c: StandInContext): void {
    const given = c.req.header('authorization')?.replace(/^basic /i, '') ?? '';
    const isClient =
      Buffer.from(given, 'base64').toString() === `${identity.clientId}:${identity.clientSecret}` &&
      c.req.param('client') === identity.clientId;
    if (!isClient) throw refusal(401, 'Bad credentials');
  }
  return app;
}

interface TokenBody {
  readonly access_token: string;
}

function asPerson(c: StandInContext): UserTokenState {
  const principal = c.get('principal');
  if (principal.kind === 'person') return principal.token;
  throw refusal(401, 'Bad credentials');
}

function permissionsOf({ collaborators }: RepositoryState, login: string) {
  const rank = ranks.indexOf(collaborators.get(login) ?? '');
  const atLeast = (level: string): boolean => rank >= ranks.indexOf(level);
  return {
    pull: atLeast('read'),
    triage: atLeast('triage'),
    push: atLeast('write'),
    maintain: atLeast('maintain'),
    admin: atLeast('admin'),
  };
}

function peopleOf(repositories: readonly RepositoryState[]): string[] {
  return [...new Set(repositories.flatMap(({ collaborators }) => [...collaborators.keys()])), 'stranger'];
}

function personId(login: string): number {
  return createHash('sha256').update(login).digest().readUInt32BE();
}
