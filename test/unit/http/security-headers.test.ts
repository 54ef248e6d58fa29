import { describe, expect, it } from '@jest/globals';
import { signInWorld } from './sign-in/sign-in-world.ts';

const w = signInWorld();
const project = await w.repository(1);
const key = await w.key(project);
w.deps.store.stacks.list = async () => {
  throw new Error('a Berth failure');
};

/** The parts of a policy that matter to an attacker of the dashboard. */
function expectStrict(policy: string): void {
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain("frame-ancestors 'none'");
  expect(policy).toContain("base-uri 'none'");
  expect(policy).not.toMatch(/unsafe|https?:|\*/);
}

describe('every response to a browser', () => {
  it.each([
    ['the page', '/', 200],
    ['a page of a run', '/runs/abc', 200],
    ['a file that is not there', '/assets/none.js', 404],
    ['a route that is not there', '/none', 404],
    ['a session of no one', '/session', 401],
    ['the ways to sign in', '/session/ways', 200],
    ['the way to GitHub', '/session/github', 302],
    ['a way back that no one began', '/session/github/callback?code=a&state=b', 303],
    ['data', '/projects', 200],
    ['a Berth failure', '/listStacks', 500],
    ['a request that is wrong', '/workflow?limit=x', 400],
  ])('%s loads nothing from other origins, and cannot be framed', async (_, path, status) => {
    const withKey = path.startsWith('/session') ? {} : { 'x-api-key': key };
    const { headers, status: answered } = await w.app.request(`https://berth.test${path}`, {
      headers: withKey,
    });
    expect(answered).toBe(status);
    expectStrict(headers.get('content-security-policy') ?? '');
    expect(Object.fromEntries(headers)).toMatchObject({
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'cross-origin-resource-policy': 'same-origin',
      'referrer-policy': expect.stringMatching(/^(no-referrer|same-origin)$/),
      'strict-transport-security': 'max-age=31536000',
    });
  });

  it('only the page runs scripts, from its own origin', async () => {
    const page = await w.app.request('https://berth.test/');
    expect(page.headers.get('content-security-policy')).toContain("script-src 'self';");
    expect(page.headers.get('cross-origin-opener-policy')).toBe('same-origin');
    const data = await w.app.request('https://berth.test/session');
    expect(data.headers.get('content-security-policy')).not.toContain('script-src');
  });

  it('cannot be read by other origins', async () => {
    for (const method of ['GET', 'OPTIONS']) {
      const answer = await w.app.request('https://berth.test/projects', {
        method,
        headers: { origin: 'https://evil.test', 'access-control-request-method': 'GET', 'x-api-key': key },
      });
      expect([...answer.headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([]);
    }
  });

  it('does not mention HTTPS on loopback', async () => {
    const plain = signInWorld({ publicUrl: 'http://127.0.0.1:3000' });
    const answer = await plain.app.request('http://127.0.0.1:3000/');
    expect(answer.headers.has('strict-transport-security')).toBe(false);
  });
});
