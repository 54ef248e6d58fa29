import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { runId } from '../../../app/core/model/ids.ts';
import { outcomeWithoutResult } from '../../../app/core/model/outcome.ts';
import { runObjectKey } from '../../../app/core/model/run-keys.ts';
import { fixedArtifactOrigin, loopbackArtifactOrigin } from '../../../app/http/artifacts/artifact-origin.ts';
import { artifactTokens } from '../../../app/http/artifacts/artifact-tokens.ts';
import { aRun } from '../../helpers/a-run.ts';
import { fakeClock } from '../../helpers/memory-deps.ts';
import { type Client, type HttpWorld, httpWorld } from './http-world.ts';

const directory = mkdtempSync(join(tmpdir(), 'berth-artifacts-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const id = runId('r');
const origin = 'https://artifacts.example.com';
const clock = fakeClock();
let w: HttpWorld;
let client: Client;

beforeAll(async () => {
  mkdirSync(join(directory, 'report/data'), { recursive: true });
  writeFileSync(join(directory, 'report/index.html'), '<script src="a.js"></script>');
  writeFileSync(join(directory, 'report/a.js'), 'document.title = "ran"');
  writeFileSync(join(directory, 'report/data/trace.zip'), 'PK');
  writeFileSync(join(directory, 'server.log'), 'a log');
  writeFileSync(join(directory, 'core'), 'binary');
  execFileSync('tar', ['-czf', join(directory, 'a.tar.gz'), '-C', directory, 'report', 'server.log', 'core']);
  const archive = readFileSync(join(directory, 'a.tar.gz'));
  w = httpWorld({
    artifacts: {
      origin: fixedArtifactOrigin(origin),
      tokens: artifactTokens(Buffer.alloc(32, 7), clock),
    },
  });
  w.deps.objects.get = async (key) =>
    key === runObjectKey(id, 'artifacts.tar.gz')
      ? { body: new Blob([archive]).stream(), sizeBytes: archive.length, contentType: 'application/gzip' }
      : undefined;
  const shop = await w.shop();
  client = shop.client;
  const artifacts = [{ path: 'report/index.html', sizeBytes: 28, isReport: true }];
  const outcome = { ...outcomeWithoutResult('Done.'), artifacts };
  for (const one of [id, runId('other')])
    await w.deps.store.runs.create(
      aRun({ id: one, projectId: shop.project.id, state: 'succeeded', outcome }),
    );
});

/** Follows the link of the page. @returns the address at the artifact origin. */
async function linkTo(path: string): Promise<URL> {
  const response = await client.raw(`/workflow/r/view/${path}`);
  expect(response.status).toBe(302);
  return new URL(response.headers.get('location') ?? '');
}

const open = (url: URL | string, init: RequestInit = {}) =>
  w.app.request(String(url), { ...init, headers: { host: new URL(url).host, ...init.headers } });

describe('the artifact origin', () => {
  it('opens a report, with its own scripts, by a link that needs no session', async () => {
    const url = await linkTo('report/index.html');
    expect(url.origin).toBe(origin);
    const page = await open(url);
    expect(page.status).toBe(200);
    expect(page.headers.get('content-type')).toMatch(/^text\/html/);
    expect(await page.text()).toContain('a.js');
    const script = await open(new URL('a.js', url));
    expect(script.headers.get('content-type')).toMatch(/^text\/javascript/);
    expect((await open(new URL('data/trace.zip', url))).status).toBe(200);
    // A folder opens at its index.
    expect(await (await open(new URL('./', url))).text()).toContain('a.js');
  });

  it('is named by the list of artifacts', async () => {
    const { body } = await client.get('/workflow/r');
    expect(body.artifacts[0].view_url).toBe('http://berth.test/workflow/r/view/report/index.html');
  });

  it('lets a report load nothing from another server, and be framed by nothing else', async () => {
    const { headers } = await open(await linkTo('report/index.html'));
    const policy = headers.get('content-security-policy') ?? '';
    expect(policy).toMatch(/^default-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob:;/);
    expect(policy).toContain("frame-ancestors 'self'");
    expect(headers.get('x-content-type-options')).toBe('nosniff');
  });

  it.each([
    ['server.log', /^text\/plain/],
    ['core', /^application\/octet-stream/],
  ])('serves %s with a Berth type', async (path, type) => {
    expect((await open(await linkTo(path))).headers.get('content-type')).toMatch(type);
  });

  it.each([
    ['bytes=2-', 206, 'log', 'bytes 2-4/5'],
    ['bytes=0-0', 206, 'a', 'bytes 0-0/5'],
    ['bytes=-2', 206, 'og', 'bytes 3-4/5'],
    ['bytes=1-99', 206, ' log', 'bytes 1-4/5'],
    ['bytes=5-', 416, '', 'bytes */5'],
    ['bytes=0-1,3-4', 200, 'a log', null],
    ['lines=1-2', 200, 'a log', null],
  ])('answers a video player that asks for %s with %i', async (range, status, text, contentRange) => {
    const part = await open(await linkTo('server.log'), { headers: { range } });
    expect([part.status, await part.text(), part.headers.get('content-range')]).toEqual([
      status,
      text,
      contentRange,
    ]);
  });

  it('does not call the icon that browsers request an expired link', async () => {
    const icon = await open(`${origin}/favicon.ico`);
    expect(icon.status).toBe(404);
    expect(await icon.text()).toMatch(/\(object_not_found\)$/m);
  });

  it('serves nothing else: no page, no API, whatever the key', async () => {
    const headers = { 'x-api-key': await w.key(await w.project()) };
    for (const path of ['/', '/workflow', '/workflow/r', '/session', '/openapi.json', '/objects/a'])
      expect((await open(`${origin}${path}`, { headers })).status).toBe(403);
    const url = await linkTo('server.log');
    const written = await open(url, { method: 'POST', body: 'x' });
    expect([written.status, written.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
    expect(await written.text()).toContain('(method_not_allowed)');
  });

  it('refuses a token of another run, a forged one, and an old one', async () => {
    const url = await linkTo('server.log');
    const [, token = '', , ...rest] = url.pathname.split('/');
    expect((await open(`${origin}/${token}/other/${rest.join('/')}`)).status).toBe(403);
    expect((await open(`${origin}/zzzzzzz.${token.split('.')[1]}/r/server.log`)).status).toBe(403);
    expect((await open(`${origin}/x/r/server.log`)).status).toBe(403);
    clock.advance(13 * 3600);
    const expired = await open(url);
    expect(expired.status).toBe(403);
    expect(await expired.text()).toContain('http://berth.test/runs/r');
  });

  it('does not leave the archive', async () => {
    for (const path of ['..%2f..%2fetc%2fpasswd', 'report/../../secret', 'report/missing.html'])
      expect((await open(`${await linkTo('x')}`.replace(/x$/, path))).status).not.toBe(200);
  });

  it('is for callers who may see the run', async () => {
    const other = await w.shop({}, 'other shop');
    expect((await other.client.raw('/workflow/r/view/server.log')).status).toBe(404);
  });

  it('is not named if it is missing: files are downloaded', async () => {
    const plain = httpWorld();
    const { client: caller, project } = await plain.shop();
    await plain.deps.store.runs.create(aRun({ id, projectId: project.id, state: 'succeeded' }));
    const response = await caller.raw('/workflow/r/view/server.log');
    expect(response.headers.get('location')).toBe('http://berth.test/workflow/r/artifacts/server.log');
  });
});

describe('the artifact origin on loopback', () => {
  it('has the other name of loopback, since cookies do not distinguish ports', () => {
    const loopback = loopbackArtifactOrigin(3001);
    expect(loopback.originFor('127.0.0.1:3000')).toBe('http://localhost:3001');
    expect(loopback.originFor('localhost:3000')).toBe('http://127.0.0.1:3001');
    expect(loopback.originFor('berth.example.com')).toBeUndefined();
    expect(loopback.serves('localhost:3001')).toBe(true);
    expect(loopback.serves('localhost:3000')).toBe(false);
    expect(loopback.serves('evil.example:3001')).toBe(false);
    expect(loopback.serves('constructor:3001')).toBe(false);
    expect(loopback.originFor('constructor:3000')).toBeUndefined();
  });
});
