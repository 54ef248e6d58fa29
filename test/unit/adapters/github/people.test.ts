import { createHash, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { githubPeople } from '../../../../app/adapters/github/people.ts';
import type { People, UserTokens } from '../../../../app/ports/people.ts';
import { primaryRateLimit } from '../../../helpers/github-stand-in/faults.ts';
import { memoryGit } from '../../../helpers/github-stand-in/memory-git.ts';
import {
  type GithubStandIn,
  startGithubStandIn,
} from '../../../helpers/github-stand-in/start-github-stand-in.ts';

const redirectUrl = 'http://127.0.0.1:3000/session/github/callback';
let github: GithubStandIn;
let people: People;

beforeAll(async () => {
  github = await startGithubStandIn({ createGit: memoryGit });
  github.state.callbackUrls.push(redirectUrl);
  const { clientId: id, clientSecret: secret } = github.identity;
  people = githubPeople({ client: { id, secret }, apiUrl: github.apiUrl });
  const files = { 'README.md': 'hello' };
  await github.addRepository({ name: 'mine', files, collaborators: { dana: 'write', rin: 'triage' } });
  await github.addRepository({ name: 'owned', files, collaborators: { dana: 'admin' } });
  await github.addRepository({ name: 'seen', files, collaborators: { dana: 'read' } });
  await github.addRepository({ name: 'secret', files, collaborators: { rin: 'maintain' } });
});
afterAll(() => github.close());

const idsOf = (...names: string[]) =>
  names.map((name) => github.state.repositories.find((one) => one.name === name)?.id);

/** Goes from the sign-in page to GitHub's page, and presses the button there. */
async function authorize(login: string, codeVerifier: string): Promise<URLSearchParams> {
  const codeChallenge = createHash('sha256').update(codeVerifier).digest('base64url');
  const page = await fetch(await people.authorizeUrl({ state: 'a-state', codeChallenge, redirectUrl }));
  const [, href = ''] = new RegExp(`href="([^"]+as=${login})"`).exec(await page.text()) ?? [];
  const answer = await fetch(`http://${github.host}${href.replaceAll('&amp;', '&')}`, { redirect: 'manual' });
  return new URL(answer.headers.get('location') ?? '').searchParams;
}

async function signIn(login: string): Promise<UserTokens> {
  const codeVerifier = randomBytes(32).toString('hex');
  const code = (await authorize(login, codeVerifier)).get('code') ?? '';
  return people.exchange({ code, codeVerifier, redirectUrl });
}

describe('people on GitHub', () => {
  it('return with the same state, and a code for tokens', async () => {
    const codeVerifier = randomBytes(32).toString('hex');
    const answer = await authorize('dana', codeVerifier);
    expect(answer.get('state')).toBe('a-state');
    const tokens = await people.exchange({ code: answer.get('code') ?? '', codeVerifier, redirectUrl });
    expect(tokens).toEqual({
      accessToken: expect.stringMatching(/^ghu_/),
      refreshToken: expect.stringMatching(/^ghr_/),
      expires: expect.any(Date),
    });
    expect((tokens.expires?.getTime() ?? 0) - Date.now()).toBeGreaterThan(7.9 * 3600_000);
    expect(await people.identify(tokens.accessToken)).toEqual({
      id: expect.any(Number),
      login: 'dana',
      name: 'Dana Ríos',
    });
  });

  it('return with a code that only their browser can use', async () => {
    const code = (await authorize('dana', 'one')).get('code') ?? '';
    const stolen = people.exchange({ code, codeVerifier: 'another', redirectUrl });
    await expect(stolen).rejects.toMatchObject({ code: 'sign_in_failed' });
  });

  it('see their repositories, and their write access', async () => {
    const { accessToken } = await signIn('dana');
    const seen = await people.repositoriesOf(accessToken);
    const [mine, owned, looked] = idsOf('mine', 'owned', 'seen');
    expect(seen).toEqual([
      { repositoryId: mine, mayWrite: true },
      { repositoryId: owned, mayWrite: true },
      { repositoryId: looked, mayWrite: false },
    ]);
    const rins = await people.repositoriesOf((await signIn('rin')).accessToken);
    expect(rins.map(({ mayWrite }) => mayWrite)).toEqual([false, true]);
    expect(await people.repositoriesOf((await signIn('stranger')).accessToken)).toEqual([]);
  });

  it('see more than one page of repositories', async () => {
    const [template] = github.state.repositories;
    if (template === undefined) throw new Error('there are repositories');
    const many = Array.from({ length: 150 }, (_, index) => ({
      ...template,
      id: 50_000 + index,
      name: `many-${index}`,
      collaborators: new Map([['lee', 'read' as const]]),
    }));
    github.state.repositories.push(...many);
    const { accessToken } = await signIn('lee');
    expect(await people.repositoriesOf(accessToken)).toHaveLength(150);
    github.state.repositories.splice(-150);
  });

  it('see nothing through an installation that is suspended or not accessible', async () => {
    const { accessToken } = await signIn('dana');
    github.state.suspended = true;
    expect(await people.repositoriesOf(accessToken)).toEqual([]);
    github.state.suspended = false;
    github.faults.push({
      path: /\/user\/installations\/\d+\/repositories$/,
      response: { status: 403, message: 'Resource protected by organization SAML enforcement.' },
    });
    expect(await people.repositoriesOf(accessToken)).toEqual([]);
  });

  it('get new tokens for old ones, once', async () => {
    const { refreshToken = '', accessToken } = await signIn('dana');
    const renewed = await people.refresh(refreshToken);
    expect((await people.identify(renewed.accessToken)).login).toBe('dana');
    await expect(people.identify(accessToken)).rejects.toMatchObject({ code: 'unauthorized' });
    await expect(people.refresh(refreshToken)).rejects.toMatchObject({ code: 'unauthorized' });
  });

  it('are signed out permanently, and again without an error', async () => {
    const { accessToken } = await signIn('dana');
    await people.revoke(accessToken);
    await people.revoke(accessToken);
    await expect(people.identify(accessToken)).rejects.toMatchObject({ code: 'unauthorized' });
  });
});

describe('an unavailable GitHub', () => {
  it.each([
    ['has a failure', { status: 502 }],
    ['asks to wait', { status: 429, headers: { 'retry-after': '30' } }],
    ['counts too many requests', primaryRateLimit(new Date(Date.now() + 60_000))],
  ])('because it %s differs from a rejection', async (_, response) => {
    const { accessToken } = await signIn('dana');
    for (const path of [/\/user$/, /\/user\/installations$/, /\/user\/installations\/\d+\/repositories$/]) {
      github.faults.push({ path, response });
      const asked =
        path.source === '\\/user$' ? people.identify(accessToken) : people.repositoriesOf(accessToken);
      await expect(asked).rejects.toMatchObject({ code: 'github_unavailable' });
    }
  });

  it('is reported without secrets in the message or the cause', async () => {
    const wrong = githubPeople({
      client: { id: github.identity.clientId, secret: 'wrong-secret-of-the-app' },
      apiUrl: github.apiUrl,
    });
    const error: unknown = await wrong
      .exchange({ code: 'the-code', codeVerifier: 'the-verifier', redirectUrl })
      .catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'sign_in_failed' });
    const cause = error instanceof Error ? error.cause : undefined;
    const told = JSON.stringify([error, cause, String(error), String(cause)]);
    expect(String(cause)).toContain('incorrect_client_credentials');
    for (const secret of ['wrong-secret', 'the-code', 'the-verifier']) expect(told).not.toContain(secret);
  });
});
