import { beforeEach, describe, expect, it } from '@jest/globals';
import { hashKey } from '../../../app/http/auth/api-key.ts';
import { sessionTokens } from '../../../app/http/auth/session-token.ts';
import { fakeClock } from '../../helpers/memory-deps.ts';
import { type HttpWorld, httpWorld } from './http-world.ts';

const clock = fakeClock();
const tokens = sessionTokens(Buffer.alloc(32, 7), clock);
const script = `console.log(${JSON.stringify('x'.repeat(5000))});`;
const page = {
  body: new Uint8Array(Buffer.from('<!doctype html>')),
  contentType: 'text/html; charset=utf-8',
};
let w: HttpWorld;
let key: string;

beforeEach(async () => {
  w = httpWorld({
    dashboard: {
      tokens,
      assets: async () =>
        new Map([
          ['index.html', page],
          ['docs.html', { ...page, body: new Uint8Array(Buffer.from('<main>%OPERATIONS%</main>')) }],
          ['berth-A1.js', { body: new Uint8Array(Buffer.from(script)), contentType: 'text/javascript' }],
        ]),
    },
  });
  key = await w.key(await w.project());
});

const fromPage = { 'x-berth-session': '1', 'sec-fetch-site': 'same-origin' };

async function signIn(headers: Record<string, string> = fromPage, given = key): Promise<Response> {
  return w.app.request('/session', { method: 'POST', headers, body: JSON.stringify({ key: given }) });
}

async function cookie(): Promise<string> {
  return (await signIn()).headers.get('set-cookie')?.split(';')[0] ?? '';
}

describe('the dashboard', () => {
  it.each(['/', '/runs/abc', '/stacks'])(
    'is served at %s, and may load nothing from elsewhere',
    async (path) => {
      const response = await w.app.request(path);
      expect(response.status).toBe(200);
      expect(response.headers.get('content-security-policy')).toMatch(
        /^default-src 'none'; script-src 'self'; /,
      );
      expect(response.headers.get('content-security-policy')).not.toContain('unsafe');
    },
  );

  it('lists every operation of the API, readable before a script has loaded', async () => {
    const text = await (await w.app.request('/docs')).text();
    const { paths } = (await (await w.app.request('/openapi.json')).json()) as { paths: object };
    for (const path of Object.keys(paths)) expect(text).toContain(`<code>${path}</code>`);
    expect(text).toContain('Needs a key with the scope <code>run</code>.');
  });

  it('returns a page for a wrong address to a browser, and JSON to a program', async () => {
    const byBrowser = await w.app.request('/no/such', { headers: { 'sec-fetch-mode': 'navigate' } });
    expect([byBrowser.status, byBrowser.headers.get('content-type')]).toEqual([404, page.contentType]);
    expect(byBrowser.headers.get('content-security-policy')).toContain("script-src 'self'");
    const byProgram = await w.app.request('/no/such');
    expect(byProgram.status).toBe(404);
    expect(await byProgram.json()).toMatchObject({ code: 'not_found' });
  });

  it('shows an error as a page to a person who opens an address, without hints for programs', async () => {
    const headers = { cookie: await cookie(), 'sec-fetch-mode': 'navigate' };
    const byBrowser = await w.app.request('/workflow/run-<b>/report', { headers });
    expect(byBrowser.status).toBe(404);
    expect(byBrowser.headers.get('content-type')).toMatch(/^text\/html/);
    const text = await byBrowser.text();
    expect(text).toContain('<h1>Not found</h1>');
    expect(text).toContain('<code>run_not_found</code>');
    expect(text).not.toMatch(/GET \/|<b>/);
    const byProgram = await w.app.request('/workflow/none/report', { headers: { cookie: headers.cookie } });
    expect(await byProgram.json()).toMatchObject({ code: 'run_not_found' });
  });

  it('signs in with an API key, which scripts cannot read', async () => {
    const response = await signIn();
    expect(response.status).toBe(200);
    const set = response.headers.get('set-cookie') ?? '';
    expect(set).toMatch(/HttpOnly/);
    expect(set).toMatch(/SameSite=Lax/);
    expect(set).not.toContain(key);
  });

  it('rejects an invalid key', async () => {
    expect((await signIn(fromPage, 'berth_no_key')).status).toBe(401);
  });

  it('lets a session read and change what its key may', async () => {
    const headers = { cookie: await cookie(), ...fromPage };
    expect((await w.app.request('/listStacks', { headers })).status).toBe(200);
    const asked = await w.app.request('/requestStack', { method: 'POST', headers, body: '{}' });
    expect(asked.status).toBe(200);
  });

  it.each([
    ['without the header of the page', {}],
    ['from another site', { 'x-berth-session': '1', 'sec-fetch-site': 'cross-site' }],
    ['from another origin of the site', { 'x-berth-session': '1', 'sec-fetch-site': 'same-site' }],
  ])('rejects a change %s', async (_, headers) => {
    const asked = await w.app.request('/requestStack', {
      method: 'POST',
      headers: { cookie: await cookie(), ...headers },
      body: '{}',
    });
    expect(asked.status).toBe(403);
  });

  it('compresses its files only if the browser supports it', async () => {
    const path = '/assets/berth-A1.js';
    const compressed = await w.app.request(path, { headers: { 'accept-encoding': 'gzip, br' } });
    expect(compressed.headers.get('content-encoding')).toBe('gzip');
    expect((await compressed.arrayBuffer()).byteLength).toBeLessThan(script.length / 10);
    const plain = await w.app.request(path);
    expect(plain.headers.get('content-encoding')).toBeNull();
    expect(await plain.text()).toBe(script);
  });

  it('ends a session with its key', async () => {
    const headers = { cookie: await cookie() };
    await w.deps.store.projects.revokeKey(hashKey(key), w.clock.now());
    expect((await w.app.request('/listStacks', { headers })).status).toBe(401);
  });

  it('ends a session after its lifetime, and rejects forged ones', async () => {
    const headers = { cookie: await cookie() };
    expect((await w.app.request('/listStacks', { headers: { cookie: `${headers.cookie}x` } })).status).toBe(
      401,
    );
    clock.advance(13 * 3600);
    expect((await w.app.request('/listStacks', { headers })).status).toBe(401);
  });
});
