import { beforeEach, describe, expect, it } from '@jest/globals';
import { BerthError } from '../../../../app/core/model/errors.ts';
import { type Browser, type SignInWorld, signInWorld } from './sign-in-world.ts';

const cookieName = '__Host-berth_session';
const hour = 3600;
let w: SignInWorld;
let browser: Browser;

beforeEach(async () => {
  w = signInWorld();
  browser = w.browser();
  w.github.access.set('dana', []);
});

const copyOf = (one: Browser): Browser => {
  const copy = w.browser();
  copy.cookies.set(cookieName, one.cookies.get(cookieName) ?? '');
  return copy;
};
const status = async (one: Browser) => (await one.fetch('/session')).status;

describe('the session of a person', () => {
  it('outlives its token, with a new token and a new cookie', async () => {
    await browser.signIn('dana');
    const before = browser.cookies.get(cookieName);
    w.clock.advance(8 * hour);
    expect(await status(browser)).toBe(200);
    expect(w.github.refreshed).toEqual([expect.stringMatching(/^ghr_/)]);
    expect(browser.cookies.get(cookieName)).not.toBe(before);
    expect(browser.sent.at(-1)).toMatch(/HttpOnly; Secure; SameSite=Lax$/);
    expect(await status(browser)).toBe(200);
    expect(w.github.refreshed).toHaveLength(1);
  });

  it('is renewed by one of several parallel requests, and none of them fails', async () => {
    await browser.signIn('dana');
    w.clock.advance(9 * hour);
    const old = copyOf(browser);
    const answers = await Promise.all(Array.from({ length: 8 }, () => status(old)));
    expect(answers).toEqual(Array(8).fill(200));
    expect(w.github.refreshed).toHaveLength(1);
  });

  it('accepts its old cookie for a minute, so a stolen one ends with the renewal', async () => {
    await browser.signIn('dana');
    const old = copyOf(browser);
    const late = copyOf(browser);
    w.clock.advance(8 * hour);
    await status(browser);
    expect(await status(old)).toBe(200);
    w.clock.advance(61);
    expect(await status(late)).toBe(401);
    expect(await status(browser)).toBe(200);
  });

  it('ends after a day without a request, and after a week in any case', async () => {
    await browser.signIn('dana');
    w.clock.advance(24 * hour);
    expect(await status(browser)).toBe(401);
    await browser.signIn('dana');
    const days: number[] = [];
    for (let hours = 0; hours < 7 * 24; hours += 7) {
      days.push(await status(browser));
      w.clock.advance(7 * hour);
    }
    expect(new Set(days)).toEqual(new Set([200]));
    expect(await status(browser)).toBe(401);
  });

  it('ends if GitHub does not renew its token', async () => {
    await browser.signIn('dana');
    w.github.tokens.clear();
    w.clock.advance(8 * hour);
    expect(await status(browser)).toBe(401);
  });

  it('waits for GitHub if it cannot be renewed, and continues afterwards', async () => {
    await browser.signIn('dana');
    w.clock.advance(8 * hour);
    w.github.fault = 'github_unavailable';
    expect(await status(browser)).toBe(503);
    w.github.fault = undefined;
    expect(await status(browser)).toBe(200);
  });

  it('continues with a valid token while GitHub is unavailable for the renewal', async () => {
    await browser.signIn('dana');
    await status(browser);
    w.clock.advance(8 * hour - 200);
    const { refresh } = w.github.people;
    let tried = 0;
    Object.assign(w.github.people, {
      refresh: async () => {
        tried += 1;
        throw new BerthError('github_unavailable', 'away');
      },
    });
    expect([await status(browser), await status(browser), tried]).toEqual([200, 200, 1]);
    w.clock.advance(61);
    expect([await status(browser), tried]).toEqual([200, 2]);
    Object.assign(w.github.people, { refresh });
    w.clock.advance(61);
    expect(await status(browser)).toBe(200);
    expect(w.github.refreshed).toHaveLength(1);
  });

  it('is not ended by a request in progress with the replaced token', async () => {
    await browser.signIn('dana');
    w.clock.advance(8 * hour - 301);
    const copy = copyOf(browser);
    const { repositoriesOf } = w.github.people;
    let renewed = false;
    Object.assign(w.github.people, {
      repositoriesOf: async (token: string) => {
        // Between the reading of the session and the question to GitHub another request renews it.
        if (!renewed) {
          renewed = true;
          w.clock.advance(2);
          expect(await status(copyOf(browser))).toBe(200);
        }
        return repositoriesOf(token);
      },
    });
    expect(await status(copy)).toBe(200);
  });

  it('gets a new cookie every eight hours, even with tokens that do not expire', async () => {
    w.github.tokensExpire = false;
    await browser.signIn('dana');
    const before = browser.cookies.get(cookieName);
    w.clock.advance(8 * hour);
    expect(await status(browser)).toBe(200);
    expect(browser.cookies.get(cookieName)).not.toBe(before);
    expect(w.github.refreshed).toEqual([]);
  });
});
