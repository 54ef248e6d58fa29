import { beforeEach, describe, expect, it } from '@jest/globals';
import { hashKey } from '../../../app/http/auth/api-key.ts';
import { sessionTokens } from '../../../app/http/auth/session-token.ts';
import { type HttpDeps, httpLimits } from '../../../app/http/http-deps.ts';
import { type HttpWorld, httpWorld } from './http-world.ts';
import { signInWorld } from './sign-in/sign-in-world.ts';

const limits = { ...httpLimits, failures: { burst: 3, perMinute: 6 } };
const addressOf: NonNullable<HttpDeps['addressOf']> = (c) => c.req.header('x-test-address') ?? 'office';
const assets = async () => new Map([['index.html', { body: new Uint8Array(), contentType: 'text/html' }]]);
let w: HttpWorld;
let key: string;

beforeEach(async () => {
  const clock = { now: () => new Date(0) };
  w = httpWorld({
    limits,
    addressOf,
    dashboard: { tokens: sessionTokens(Buffer.alloc(32, 7), clock), assets },
  });
  key = await w.key(await w.project());
});

const byHeader = (given: string, address = 'office') =>
  w.app.request('/listStacks', { headers: { 'x-api-key': given, 'x-test-address': address } });
const onPage = (given: string, address = 'office') =>
  w.app.request('/session', {
    method: 'POST',
    headers: { 'x-berth-session': '1', 'x-test-address': address },
    body: JSON.stringify({ key: given }),
  });
const statuses = async (answers: readonly (Promise<Response> | Response)[]) =>
  (await Promise.all(answers)).map(({ status }) => status);

describe.each([
  ['in the header', byHeader],
  ['on the sign-in page', onPage],
])('guessing keys %s', (_, show) => {
  const guess = async (count: number) => {
    const answers = [];
    for (let tried = 0; tried < count; tried += 1) answers.push(await show(`guess-${tried}`));
    return answers;
  };

  it('is rejected after some failures, with a retry time', async () => {
    const answers = await guess(4);
    expect(await statuses(answers)).toEqual([401, 401, 401, 429]);
    expect(answers[3]?.headers.get('retry-after')).toBe('10');
    expect(await answers[3]?.json()).toMatchObject({ code: 'too_many_failures' });
  });

  it('is slow: one more attempt for each wait', async () => {
    await guess(4);
    w.clock.advance(10);
    expect(await statuses([await show('another'), await show('and another')])).toEqual([401, 429]);
  });

  it('is rejected during the wait, even with the right key', async () => {
    await guess(3);
    expect((await show(key)).status).toBe(429);
  });

  it('is rejected for any number of parallel requests', async () => {
    const answers = await statuses(Array.from({ length: 20 }, (_, index) => show(`at-once-${index}`)));
    expect(answers.filter((status) => status === 401)).toHaveLength(3);
    expect(answers.filter((status) => status === 429)).toHaveLength(17);
  });

  it('at one address does not affect others', async () => {
    await guess(4);
    expect((await show(key, 'elsewhere')).status).toBe(200);
  });

  it('does not affect keys that were used at this address before', async () => {
    expect((await show(key)).status).toBe(200);
    await guess(4);
    expect((await show(key)).status).toBe(200);
  });
});

describe('requests that are not guesses', () => {
  it('include any number of successful sign-ins', async () => {
    const project = await w.project({}, 'many');
    const keys = [];
    for (let count = 0; count < 12; count += 1) keys.push(await w.key(project));
    const one = [];
    for (const given of keys) one.push(await onPage(given));
    expect(new Set(await statuses(one))).toEqual(new Set([200]));
    expect(new Set(await statuses(Array.from({ length: 20 }, () => onPage(key))))).toEqual(new Set([200]));
  });

  it('include a program that repeats the same revoked key', async () => {
    await w.deps.store.projects.revokeKey(hashKey(key), w.clock.now());
    const answers = [];
    for (let count = 0; count < 12; count += 1) answers.push(await byHeader(key));
    expect(new Set(await statuses(answers))).toEqual(new Set([401]));
    expect((await onPage('a mistyped key')).status).toBe(401);
  });

  it('include requests without a key, such as a page before sign-in', async () => {
    const answers = [];
    for (let count = 0; count < 12; count += 1) answers.push(await w.app.request('/session'));
    expect(new Set(await statuses(answers))).toEqual(new Set([401]));
    expect((await onPage(key)).status).toBe(200);
  });
});

describe('the return from GitHub', () => {
  it('stops calling GitHub after some rejected sign-ins, and shows a page', async () => {
    const s = signInWorld({ limits });
    const browser = s.browser();
    const comeBack = async () => {
      const away = await browser.visit('/session/github');
      const state = new URL(away.headers.get('location') ?? '').searchParams.get('state');
      return browser.visit(`/session/github/callback?code=made-up&state=${state}`);
    };
    for (let count = 0; count < 3; count += 1) {
      expect((await comeBack()).headers.get('location')).toBe('/?sign_in=sign_in_failed');
    }
    const refused = await comeBack();
    expect(refused.status).toBe(429);
    expect(refused.headers.get('retry-after')).toBe('10');
    expect(refused.headers.get('content-type')).toContain('text/html');
    expect(await refused.text()).toContain('too_many_failures');
    expect(s.github.exchanged).toBe(3);
    s.clock.advance(10);
    s.github.access.set('dana', []);
    expect((await s.browser().signIn('dana')).status).toBe(303);
  });
});
