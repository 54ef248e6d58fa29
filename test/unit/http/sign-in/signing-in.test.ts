import { beforeEach, describe, expect, it } from '@jest/globals';
import { httpWorld } from '../http-world.ts';
import { type Browser, type SignInWorld, signInWorld } from './sign-in-world.ts';

let w: SignInWorld;
let browser: Browser;

beforeEach(() => {
  w = signInWorld();
  browser = w.browser();
  w.github.access.set('dana', []);
});

const sessionOf = async (one: Browser): Promise<Record<string, unknown>> =>
  // What a session answers is a JSON object.
  (await one.fetch('/session')).json() as Promise<Record<string, unknown>>;
const endedWith = (response: Response) => [response.status, response.headers.get('location')];

describe('signing in with GitHub', () => {
  it('returns from GitHub to the requested page', async () => {
    const back = await browser.signIn('dana', '/runs/abc?x=1#L12');
    expect(endedWith(back)).toEqual([303, '/runs/abc?x=1#L12']);
    expect(await sessionOf(browser)).toEqual({
      actor: 'dana',
      project: null,
      person: { login: 'dana', name: null },
      scope: null,
      warnings: [],
    });
  });

  it('is offered only if the App supports sign-in', async () => {
    expect(await (await browser.fetch('/session/ways')).json()).toEqual({ key: true, github: true });
    const { people: _, ...dashboard } = w.dashboard;
    const { app } = httpWorld({ dashboard });
    expect(await (await app.request('/session/ways')).json()).toEqual({ key: true, github: false });
    expect((await app.request('/session/github')).status).toBe(404);
  });

  it('uses a new state and a new PKCE challenge each time', async () => {
    const asked = await Promise.all([1, 2].map(() => w.browser().visit('/session/github')));
    const [one, other] = asked.map((answer) => new URL(answer.headers.get('location') ?? '').searchParams);
    for (const name of ['state', 'code_challenge']) {
      expect(one?.get(name)).toMatch(/^[\w-]{43,}$/);
      expect(one?.get(name)).not.toBe(other?.get(name));
    }
    expect(one?.get('redirect_uri')).toBe('https://berth.test/session/github/callback');
  });

  it('sets cookies that no script, no other site and no other host of the domain can use', async () => {
    await browser.signIn('dana');
    const set = browser.sent.filter((one) => !one.includes('=;'));
    expect(set.map((one) => one.split('=')[0])).toEqual(['__Host-berth_sign_in', '__Host-berth_session']);
    for (const one of set) {
      expect(one).toMatch(/; Path=\/; .*HttpOnly; Secure; SameSite=Lax$/);
      expect(one).not.toContain('Domain');
    }
  });

  it('works without HTTPS on loopback', async () => {
    w = signInWorld({ publicUrl: 'http://127.0.0.1:3000' });
    browser = w.browser();
    await browser.signIn('dana');
    expect([...browser.cookies.keys()]).toEqual(['berth_session']);
    expect((await sessionOf(browser)).actor).toBe('dana');
  });

  it.each([
    ['says so', { host: 'inner', 'x-forwarded-proto': 'https, http' }],
    ['says nothing, and keeps the name', { host: 'berth.test' }],
  ])('detects HTTPS behind a proxy that terminates TLS and %s', async (_, headers) => {
    const answer = await w.app.request('http://inner/session/github?moved=1', { headers });
    expect(answer.headers.getSetCookie()[0]).toMatch(/^__Host-berth_sign_in=.*; Secure/);
  });

  it('starts at the address that GitHub redirects to', async () => {
    const elsewhere = await w.app.request('https://localhost/session/github?return_to=/runs/a', {
      headers: { host: 'localhost' },
    });
    const there = 'https://berth.test/session/github?moved=1&return_to=%2Fruns%2Fa';
    expect(endedWith(elsewhere)).toEqual([302, there]);
    const moved = await w.app.request('https://inner/session/github?moved=1', { headers: { host: 'inner' } });
    expect(moved.headers.get('location')).toMatch(/^https:\/\/github\.test\//);
  });
});

describe('a return from GitHub', () => {
  const leave = async () => {
    const away = await browser.visit('/session/github');
    return w.github.authorize(away.headers.get('location') ?? '', 'dana');
  };
  const isSignedIn = async (one = browser) => (await one.fetch('/session')).status === 200;

  it('is rejected in another browser, so no one signs in as someone else', async () => {
    const victim = w.browser();
    expect(endedWith(await victim.visit(await leave()))).toEqual([303, '/?sign_in=sign_in_expired']);
    expect(await isSignedIn(victim)).toBe(false);
  });

  it('is rejected with the state of another sign-in of the same browser', async () => {
    const first = await leave();
    await leave();
    expect(endedWith(await browser.visit(first))).toEqual([303, '/?sign_in=sign_in_expired']);
    expect(await isSignedIn()).toBe(false);
  });

  it.each([
    ['without a state', (path: string) => path.replace(/&state=.*/, '')],
    ['with an empty state', (path: string) => path.replace(/&state=.*/, '&state=')],
    ['with half a state', (path: string) => path.slice(0, -8)],
  ])('is rejected %s', async (_, change) => {
    expect(endedWith(await browser.visit(change(await leave())))).toEqual([303, '/?sign_in=sign_in_expired']);
  });

  it('is valid once', async () => {
    const back = await leave();
    await browser.visit(back);
    const before = browser.cookies.get('__Host-berth_session');
    expect(endedWith(await browser.visit(back))).toEqual([303, '/?sign_in=sign_in_expired']);
    expect(browser.cookies.get('__Host-berth_session')).toBe(before);
  });

  it('is valid for ten minutes', async () => {
    const back = await leave();
    w.clock.advance(601);
    expect(endedWith(await browser.visit(back))).toEqual([303, '/?sign_in=sign_in_expired']);
  });

  it("with a stolen code is rejected without the browser's verifier", async () => {
    const code = new URL(`http://x${await leave()}`).searchParams.get('code');
    const thief = w.browser();
    const away = await thief.visit('/session/github');
    const state = new URL(away.headers.get('location') ?? '').searchParams.get('state');
    const answer = await thief.visit(`/session/github/callback?code=${code}&state=${state}`);
    expect(endedWith(answer)).toEqual([303, '/?sign_in=sign_in_failed']);
    expect(await isSignedIn(thief)).toBe(false);
  });

  it.each([
    ['error=access_denied', 'sign_in_denied'],
    ['error=redirect_uri_mismatch', 'sign_in_failed'],
    ['code=%3Cscript%3E', 'sign_in_failed'],
    ['', 'sign_in_failed'],
  ])('with %j appears on the page as %s', async (query, code) => {
    const state = new URL(`http://x${await leave()}`).searchParams.get('state');
    const answer = await browser.visit(`/session/github/callback?${query}&state=${state}`);
    expect(endedWith(answer)).toEqual([303, `/?sign_in=${code}`]);
  });

  it('while GitHub is unavailable shows an error, and starts no session', async () => {
    const back = await leave();
    w.github.fault = 'github_unavailable';
    expect(endedWith(await browser.visit(back))).toEqual([303, '/?sign_in=github_unavailable']);
  });

  it.each([
    '//evil.test',
    '/\\evil.test',
    'https://evil.test',
    'javascript:alert(1)',
    '/\t/evil.test',
    '/..//evil.test',
    '/a/../..//evil.test/',
    'evil.test',
    '',
    `/${'x'.repeat(5000)}`,
    '/session/github',
  ])('never leads to %j', async (returnTo) => {
    expect((await browser.signIn('dana', returnTo)).headers.get('location')).toBe('/');
  });
});

describe('a session', () => {
  const cookieName = '__Host-berth_session';

  it('starts with a new secret, which prevents session fixation', async () => {
    const attacker = w.browser();
    await attacker.signIn('dana');
    const planted = attacker.cookies.get(cookieName) ?? '';
    browser.cookies.set(cookieName, planted);
    w.github.access.set('rin', []);
    await browser.signIn('rin');
    expect(browser.cookies.get(cookieName)).not.toBe(planted);
    expect((await sessionOf(browser)).actor).toBe('rin');
    // The planted one has ended with it.
    expect((await attacker.fetch('/session')).status).toBe(401);
  });

  it('is rejected without a valid signature, and under a name that other hosts can set', async () => {
    await browser.signIn('dana');
    const good = browser.cookies.get(cookieName) ?? '';
    const payload = Buffer.from(JSON.stringify({ person: 'a'.repeat(64), until: 9e15 })).toString(
      'base64url',
    );
    for (const forged of [`${good}x`, `${payload}.${good.split('.')[1]}`, `${payload}.`, 'x', '']) {
      browser.cookies.set(cookieName, forged);
      expect((await browser.fetch('/session')).status).toBe(401);
    }
    browser.cookies.delete(cookieName);
    browser.cookies.set('berth_session', good);
    expect((await browser.fetch('/session')).status).toBe(401);
  });

  it('stores no readable token in the cookie or the database', async () => {
    const created: unknown[] = [];
    const { create } = w.deps.store.sessions;
    w.deps.store.sessions.create = async (session) => {
      created.push(session);
      return create(session);
    };
    await browser.signIn('dana');
    const [accessToken = ''] = w.github.tokens.keys();
    const decoded = browser.sent.map((one) =>
      one.split(/[=.;]/).map((part) => Buffer.from(part, 'base64url').toString()),
    );
    const secret = /"person":"(\w+)"/.exec(JSON.stringify(decoded).replaceAll('\\', ''))?.[1] ?? '';
    expect(secret).toMatch(/^\w{64}$/);
    expect(JSON.stringify([browser.sent, decoded])).not.toContain(accessToken);
    expect(JSON.stringify(created)).not.toContain(accessToken);
    expect(JSON.stringify(created)).not.toContain(secret);
  });

  it('ends for every copy of its cookie on sign-out, and so does its token', async () => {
    await browser.signIn('dana');
    const copy = w.browser();
    copy.cookies.set(cookieName, browser.cookies.get(cookieName) ?? '');
    expect((await browser.fetch('/session', { method: 'DELETE' })).status).toBe(200);
    expect(browser.cookies.has(cookieName)).toBe(false);
    expect((await copy.fetch('/session')).status).toBe(401);
    expect([...w.github.tokens]).toEqual([]);
  });

  it('ends on sign-out even while GitHub is unavailable', async () => {
    await browser.signIn('dana');
    const copy = w.browser();
    copy.cookies.set(cookieName, browser.cookies.get(cookieName) ?? '');
    w.github.fault = 'github_unavailable';
    expect((await browser.fetch('/session', { method: 'DELETE' })).status).toBe(200);
    w.github.fault = undefined;
    expect((await copy.fetch('/session')).status).toBe(401);
  });

  it('ends when the person signs in with a key instead', async () => {
    await browser.signIn('dana');
    const key = await w.key(await w.project());
    const answer = await browser.fetch('/session', { method: 'POST', body: JSON.stringify({ key }) });
    expect(answer.status).toBe(200);
    expect(await sessionOf(browser)).toMatchObject({ actor: 'admin key', person: null });
    expect([...w.github.tokens]).toEqual([]);
  });

  it('ends when the person revokes the authorization on GitHub', async () => {
    await browser.signIn('dana');
    await browser.fetch('/session');
    w.github.tokens.clear();
    w.clock.advance(61);
    expect((await browser.fetch('/session')).status).toBe(401);
    expect((await browser.fetch('/session')).status).toBe(401);
  });
});

describe('a link to a report without a session', () => {
  const follow = (path: string, headers: Record<string, string>) =>
    w.app.request(`https://berth.test${path}`, { headers });

  it('leads to the sign-in page, and then to the report', async () => {
    const answer = await follow('/workflow/abc/report?x=1', { 'sec-fetch-mode': 'navigate' });
    expect(endedWith(answer)).toEqual([303, '/?return_to=%2Fworkflow%2Fabc%2Freport%3Fx%3D1']);
    expect(endedWith(await browser.signIn('dana', '/workflow/abc/report?x=1'))).toEqual([
      303,
      '/workflow/abc/report?x=1',
    ]);
  });

  it.each([
    ['a program', {}],
    ['a script of a page', { 'sec-fetch-mode': 'cors' }],
    ['a client with an invalid key', { 'sec-fetch-mode': 'navigate', 'x-api-key': 'berth_none' }],
  ])('is rejected for %s', async (_, headers) => {
    expect((await follow('/workflow/abc/report', headers)).status).toBe(401);
  });
});
