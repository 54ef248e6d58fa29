import { beforeEach, describe, expect, it } from '@jest/globals';
import { runId } from '../../../app/core/model/ids.ts';
import { aRun } from '../../helpers/a-run.ts';
import { type FunctionWorld, functionWorld, textOf } from './function-world.ts';
import { functionUrlEvent, httpApiEvent } from './gateway-events.ts';

const script = `console.log(${JSON.stringify('x'.repeat(5000))});`;
const asset = (text: string, contentType: string) => ({
  body: new Uint8Array(Buffer.from(text)),
  contentType,
});
const assets = new Map([
  ['index.html', asset('<!doctype html><script src="/assets/berth-A1.js"></script>', 'text/html')],
  ['berth-A1.js', asset(script, 'text/javascript; charset=utf-8')],
  ['icon.svg', asset('<svg/>', 'image/svg+xml')],
]);

describe.each([
  ['an HTTP API of API Gateway', httpApiEvent],
  ['a function URL', functionUrlEvent],
])('the dashboard behind %s', (_name, eventOf) => {
  let w: FunctionWorld;
  let answer: FunctionWorld['answer'];
  let shop: FunctionWorld['shop'];
  let key: string;

  beforeEach(async () => {
    w = await functionWorld(eventOf, async () => assets);
    ({ answer, shop, apiKey: key } = w);
  });

  const signIn = () =>
    answer({
      method: 'POST',
      path: '/session',
      headers: { 'x-berth-session': '1', 'content-type': 'application/json' },
      body: JSON.stringify({ key }),
    });

  it.each(['/', '/runs/some', '/stacks'])('is at %s, with its policy', async (path) => {
    const page = await answer({ path });
    expect(page).toMatchObject({ statusCode: 200, headers: { 'content-type': 'text/html' } });
    expect(textOf(page)).toContain('/assets/berth-A1.js');
    expect(page.headers?.['content-security-policy']).toContain("script-src 'self'");
  });

  it('compresses its files only if the browser supports it', async () => {
    const path = '/assets/berth-A1.js';
    const compressed = await answer({ path, headers: { 'accept-encoding': 'gzip, deflate, br' } });
    expect(compressed).toMatchObject({
      isBase64Encoded: true,
      headers: {
        'content-encoding': 'gzip',
        'content-type': 'text/javascript; charset=utf-8',
        'cache-control': 'public, max-age=31536000, immutable',
      },
    });
    expect(compressed.body.length).toBeLessThan(script.length / 10);
    expect(textOf(compressed)).toBe(script);
    const plain = await answer({ path });
    expect(plain).toMatchObject({ isBase64Encoded: false, body: script });
    expect(plain.headers).not.toHaveProperty('content-encoding');
    expect(textOf(await answer({ path: '/assets/icon.svg' }))).toBe('<svg/>');
  });

  it('signs in with a key, and recognizes the browser by its cookie', async () => {
    const signedIn = await signIn();
    expect(signedIn.statusCode).toBe(200);
    const [cookie = ''] = signedIn.cookies ?? [];
    expect(cookie).toMatch(/^__Host-.*; HttpOnly; Secure; SameSite=Lax/);
    const cookies = [cookie.split(';')[0] ?? '', 'other=1'];
    const session = await answer({ path: '/session', cookies });
    expect(JSON.parse(textOf(session))).toMatchObject({ actor: 'admin key', project: 'shop' });
    const list = await answer({ path: '/workflow', query: 'state=failed&state=errored', cookies });
    expect(JSON.parse(textOf(list))).toEqual({ workflows: [], cursor: null });
    const change = { method: 'POST', path: '/requestStack', cookies };
    expect((await answer(change)).statusCode).toBe(403);
    const asked = { ...change, headers: { 'x-berth-session': '1', 'sec-fetch-site': 'same-origin' } };
    expect((await answer(asked)).statusCode).toBe(200);
  });

  it('limits an address that guesses keys, whatever headers it sends, and no other', async () => {
    const f = await functionWorld(eventOf);
    const show = (key: string, sourceIp: string, forwarded: string) =>
      f.answer({
        path: '/listStacks',
        sourceIp,
        headers: { 'x-api-key': key, 'x-forwarded-for': forwarded },
      });
    const statuses = [];
    for (let tried = 0; tried < 31; tried += 1) {
      statuses.push((await show(`guess-${tried}`, '198.51.100.1', `192.0.2.${tried}`)).statusCode);
    }
    expect(statuses).toEqual([...Array(30).fill(401), 429]);
    expect((await show(f.apiKey, '198.51.100.2', '198.51.100.1')).statusCode).toBe(200);
  });

  it('follows a log in several responses, each from the end of the previous one', async () => {
    const written = ['one', 'two'];
    w.deps.logs.read = async (_run, cursor = '0') => ({
      lines: written.slice(Number(cursor)).map((text) => ({ text })),
      cursor: String(written.length),
      complete: false,
    });
    await w.deps.store.runs.create(aRun({ id: runId('live'), projectId: shop.id, state: 'running' }));
    const follow = (lastEventId?: string) =>
      answer({
        path: '/workflow/live/logs',
        headers: {
          accept: 'text/event-stream',
          'accept-encoding': 'gzip',
          'x-api-key': key,
          ...(lastEventId === undefined ? {} : { 'last-event-id': lastEventId }),
        },
      }).then(textOf);
    const first = await follow();
    expect(first).toMatch(/^retry: \d+\n/);
    expect(first).toContain('event: state\n');
    expect(first).toContain('id: 2\ndata: {"lines":[{"text":"one"},{"text":"two"}]}');
    expect(first).not.toContain('event: end');
    written.push('three');
    const second = await follow('2');
    expect(second).toContain('id: 3\ndata: {"lines":[{"text":"three"}]}');
    expect(w.pauses).toEqual([]);
  });
});
