import { describe, expect, it } from '@jest/globals';
import { exportJWK, generateKeyPair, SignJWT, UnsecuredJWT } from 'jose';
import { verifyActionsToken } from '../../../app/adapters/oidc/verify-actions-token.ts';
import { projectId } from '../../../app/core/model/ids.ts';
import type { ProjectSettingsInput } from '../../../app/core/model/project.ts';
import { authenticateActions } from '../../../app/http/auth/authenticate-actions.ts';
import type { Authenticator } from '../../../app/http/auth/caller.ts';
import { type TokenIssuer, tokenIssuer } from '../../helpers/token-issuer.ts';
import { aRequest, clientOf, type HttpWorld, httpWorld } from './http-world.ts';

interface TrustingWorld extends HttpWorld {
  readonly issuer: TokenIssuer;
  readonly keyFetches: () => number;
  readonly keysAreAway: (away: boolean) => void;
  /** Starts a workflow with a token. */
  start(token: string, headers?: Record<string, string>): ReturnType<ReturnType<typeof clientOf>['post']>;
}

const keys = generateKeyPair('RS256');

async function trustingWorld(
  settings: ProjectSettingsInput = { oidcTrust: [{ repository: 'acme/site' }] },
  name = 'gh-42',
): Promise<TrustingWorld> {
  let fetches = 0;
  let areAway = false;
  let authenticate: Authenticator = async () => undefined;
  const w = httpWorld({ authenticators: [(request) => authenticate(request)] });
  const issuer = await tokenIssuer('https://issuer.test', {
    audience: 'http://berth.test',
    now: w.clock.now,
    keys: await keys,
  });
  const verify = verifyActionsToken({
    issuer: issuer.issuer,
    audience: 'http://berth.test',
    clock: w.clock,
    async fetch() {
      fetches += 1;
      if (areAway) throw new TypeError('fetch failed');
      return Response.json(issuer.keySet);
    },
  });
  authenticate = authenticateActions({ store: w.deps.store, verify, clock: w.clock });
  await w.project(settings, name);
  return {
    ...w,
    issuer,
    keyFetches: () => fetches,
    keysAreAway(away) {
      areAway = away;
    },
    start: (token, headers = {}) =>
      clientOf(w.app).post('/workflow/execute', aRequest, { Authorization: `Bearer ${token}`, ...headers }),
  };
}

describe('a GitHub Actions workflow without a key', () => {
  it('starts runs in the project of its repository, with the name of its actor', async () => {
    const w = await trustingWorld();
    const { status, body } = await w.start(await w.issuer.token());
    expect(status).toBe(202);
    const run = await clientOf(w.app, { Authorization: `Bearer ${await w.issuer.token()}` }).get(
      `/workflow/${body.workflow_id}`,
    );
    expect(run.body).toMatchObject({ project_id: 'gh-42', trigger: { kind: 'action', actor: 'octocat' } });
    expect(w.keyFetches()).toBe(1);
  });

  it('starts runs in another project that trusts it, if it names that project', async () => {
    const w = await trustingWorld(undefined, 'shop');
    const token = await w.issuer.token();
    expect((await w.start(token)).status).toBe(403);
    expect((await w.start(token, { 'X-Berth-Project': 'shop' })).status).toBe(202);
  });

  it('can only start and cancel runs and hold stacks', async () => {
    const w = await trustingWorld();
    const client = clientOf(w.app, { Authorization: `Bearer ${await w.issuer.token()}` });
    expect((await client.post('/requestStack')).status).toBe(200);
    expect((await client.post('/projects', { name: 'mine' })).status).toBe(403);
    await w.project({}, 'other');
    expect((await client.get('/listStacks', { 'X-Berth-Project': 'other' })).status).toBe(404);
  });

  it.each([
    ['another repository', { repository: 'acme/other', repository_id: '43' }],
    ['a repository of that name which is another one', { repository: 'evil/site', repository_id: '42' }],
    ['a ref that is not trusted', { ref: 'refs/heads/feature' }],
  ])('is rejected for %s', async (_, claims) => {
    const w = await trustingWorld({ oidcTrust: [{ repository: 'acme/site', ref: 'refs/heads/main' }] });
    const { status, body } = await w.start(await w.issuer.token(claims));
    expect(status).toBe(403);
    expect(body).toMatchObject({ code: 'forbidden', hint: expect.stringContaining('oidcTrust') });
  });

  it('is trusted only by projects that list it', async () => {
    const w = await trustingWorld({});
    expect((await w.start(await w.issuer.token())).status).toBe(403);
  });
});

describe('a token', () => {
  it('is rejected after its expiration, with a tolerance of a few seconds', async () => {
    const w = await trustingWorld();
    const token = await w.issuer.token();
    w.clock.advance(310);
    expect((await w.start(token)).status).toBe(202);
    w.clock.advance(30);
    const { status, body } = await w.start(token);
    expect(status).toBe(401);
    expect(body.message).toBe('This OIDC token is refused: it has expired.');
  });

  it('is rejected with another audience or another issuer', async () => {
    const w = await trustingWorld();
    const other = await w.start(await w.issuer.token({}, { audience: 'https://other.test' }));
    expect(other.body.message).toBe('This OIDC token is refused: it is not meant for http://berth.test.');
    const foreign = await w.start(await w.issuer.token({}, { issuer: 'https://other.test' }));
    expect(foreign.body.message).toBe(
      'This OIDC token is refused: it was not issued by https://issuer.test.',
    );
  });

  it('is rejected with another signature, without one, and with one from the public key', async () => {
    const w = await trustingWorld();
    const stranger = await tokenIssuer('https://issuer.test', {
      audience: 'http://berth.test',
      now: w.clock.now,
    });
    expect((await w.start(await stranger.token())).status).toBe(401);
    const unsigned = new UnsecuredJWT({ repository: 'acme/site' }).encode();
    expect((await w.start(`${unsigned}x`)).status).toBe(401);
    const publicKey = new TextEncoder().encode(JSON.stringify(w.issuer.keySet.keys[0]));
    const confused = await new SignJWT({ repository: 'acme/site' })
      .setProtectedHeader({ alg: 'HS256', kid: 'key-1' })
      .sign(publicKey);
    expect((await w.start(confused)).status).toBe(401);
  });

  it('is not verified with a key from the token', async () => {
    const w = await trustingWorld();
    const { publicKey, privateKey } = await generateKeyPair('RS256');
    const token = await new SignJWT({
      repository: 'acme/site',
      repository_id: '42',
      ref: 'r',
      actor: 'a',
      run_id: '1',
    })
      .setProtectedHeader({ alg: 'RS256', jwk: await exportJWK(publicKey), jku: 'https://evil.test/keys' })
      .setIssuer('https://issuer.test')
      .setAudience('http://berth.test')
      .setIssuedAt()
      .setExpirationTime('1h')
      .sign(privateKey);
    expect((await w.start(token)).status).toBe(401);
  });

  it("is rejected without GitHub's claims", async () => {
    const w = await trustingWorld();
    const { status, body } = await w.start(await w.issuer.token({ repository: undefined }));
    expect([status, body.message]).toEqual([
      401,
      'This OIDC token is refused: it is not a token of GitHub Actions.',
    ]);
  });

  it('can be retried if the keys are unavailable', async () => {
    const w = await trustingWorld();
    w.keysAreAway(true);
    expect((await w.start(await w.issuer.token())).status).toBe(500);
    w.keysAreAway(false);
    expect((await w.start(await w.issuer.token())).status).toBe(202);
  });

  it('does not affect other authentication methods', async () => {
    const w = await trustingWorld();
    const { body } = await w.start('not-a-token');
    expect(body.message).toBe('An API key is required.');
  });
});

describe('a workflow of a repository that only has the same name', () => {
  it('is refused with a clear error once another repository used the trust', async () => {
    const w = await trustingWorld({ oidcTrust: [{ repository: 'acme/site' }] }, 'shop');
    const named = { 'X-Berth-Project': 'shop' };
    expect((await w.start(await w.issuer.token(), named)).status).toBe(202);
    const project = await w.deps.store.projects.get(projectId('shop'));
    expect(project?.settings.oidcTrust).toEqual([{ repository: 'acme/site', repositoryId: 42 }]);
    const taken = await w.start(await w.issuer.token({ repository_id: '43' }), named);
    expect(taken).toMatchObject({
      status: 403,
      body: { error: expect.stringContaining('another repository'), code: 'forbidden' },
    });
  });

  it('does not get the project that someone named like it', async () => {
    const w = await trustingWorld({ oidcTrust: [{ repository: 'acme/site' }] }, 'acme-site');
    expect((await w.start(await w.issuer.token())).status).toBe(403);
  });

  it('cannot use pull_request_target, which runs for code of forks', async () => {
    const w = await trustingWorld();
    const token = await w.issuer.token({ event_name: 'pull_request_target' });
    expect((await w.start(token)).status).toBe(403);
  });
});

describe('tokens that are refused', () => {
  it('do not keep a genuine workflow at the same address out', async () => {
    const w = await trustingWorld();
    const forged = await w.issuer.token({}, { issuer: 'https://other.test' });
    const statuses = new Set<number>();
    for (let count = 0; count < 60; count += 1) {
      statuses.add((await w.start(`${forged.slice(0, -4)}${String(count).padStart(4, 'A')}`)).status);
    }
    expect(statuses).toEqual(new Set([401, 429]));
    expect((await w.start(await w.issuer.token())).status).toBe(202);
  });

  it('are limited for each repository, also where they are genuine', async () => {
    const w = await trustingWorld();
    const stranger = () => w.issuer.token({ repository: 'evil/x', repository_id: '666' });
    const token = await stranger();
    const statuses: number[] = [];
    for (let count = 0; count < 130; count += 1) statuses.push((await w.start(token)).status);
    expect(statuses.slice(0, 100).every((status) => status === 403)).toBe(true);
    expect(statuses.at(-1)).toBe(429);
    expect((await w.start(await w.issuer.token())).status).toBe(202);
  });
});
