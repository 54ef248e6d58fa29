import { mkdtemp, readdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { RunningServer } from '../../../app/wiring/server.ts';
import { eventually } from '../../helpers/eventually.ts';
import {
  type GithubStandIn,
  startGithubStandIn,
} from '../../helpers/github-stand-in/start-github-stand-in.ts';
import type { RepositoryState } from '../../helpers/github-stand-in/state.ts';
import { serveFor } from '../../helpers/served-github.ts';
import { removeDirectory } from '../../helpers/temporary-directory.ts';

/** Without following it: where it leads is what is looked at. */
const visit = (url: string, cookie = '') => fetch(url, { redirect: 'manual', headers: { cookie } });
const cookieOf = (response: Response, name: string): string => {
  const set = response.headers
    .getSetCookie()
    .find((one) => one.startsWith(`${name}=`) && !one.includes('=;'));
  return set?.split(';')[0] ?? '';
};

describe('signing in to a running server, with its database on disk', () => {
  let github: GithubStandIn;
  let berth: RunningServer;
  let dataDir: string;
  let repository: RepositoryState;

  beforeAll(async () => {
    github = await startGithubStandIn();
    repository = await github.addRepository({
      name: 'shop',
      files: { 'README.md': 'hello' },
      collaborators: { dana: 'write' },
    });
    dataDir = await mkdtemp(join(tmpdir(), 'berth-sign-in-'));
    berth = await serveFor(github, dataDir);
    await github.people.install();
  });
  afterAll(async () => {
    await berth.close();
    await github.close();
    await removeDirectory(dataDir);
  });

  async function signIn(login: string): Promise<string> {
    const away = await visit(`${berth.url}/session/github`);
    const page = new URL(away.headers.get('location') ?? '');
    page.pathname += '/yes';
    page.searchParams.set('as', login);
    const back = (await visit(page.href)).headers.get('location') ?? '';
    return cookieOf(await visit(back, cookieOf(away, 'berth_sign_in')), 'berth_session');
  }
  const projects = async (cookie: string): Promise<string[]> => {
    // A page of projects, or an error without any.
    const body = (await (await visit(`${berth.url}/projects`, cookie)).json()) as {
      projects?: { id: string }[];
    };
    return (body.projects ?? []).map(({ id }) => id);
  };

  it('shows what GitHub lets a person see, even after a restart', async () => {
    const cookie = await signIn('dana');
    const own = [`gh-${repository.id}`];
    await eventually('the project to be there', async () => (await projects(cookie)).length > 0);
    expect(await projects(cookie)).toEqual(own);
    await berth.close();
    berth = await serveFor(github, dataDir);
    expect(await projects(cookie)).toEqual(own);
  });

  it('leaves no token of a person on the disk', async () => {
    await signIn('dana');
    const files = await readdir(dataDir, { recursive: true, withFileTypes: true });
    const contents = await Promise.all(
      files.filter((one) => one.isFile()).map((one) => readFile(join(one.parentPath, one.name))),
    );
    const kept = Buffer.concat(contents);
    expect(kept.includes('sealedTokens')).toBe(true);
    for (const [accessToken, { refreshToken }] of github.state.userTokens) {
      expect(kept.includes(accessToken) || kept.includes(refreshToken)).toBe(false);
    }
  });

  it('renews a token once for all requests that come together, and continues', async () => {
    // So short that it is to be renewed from the first request on.
    github.state.userTokenSeconds = 120;
    const cookie = await signIn('dana');
    github.state.userTokenSeconds = 8 * 3600;
    const before = github.requests.length;
    const answers = await Promise.all(
      Array.from({ length: 6 }, () => visit(`${berth.url}/projects`, cookie)),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array(6).fill(200));
    const exchanges = github.requests
      .slice(before)
      .filter((one) => one.endsWith('/login/oauth/access_token'));
    expect(exchanges).toHaveLength(1);
    const renewed = answers.map((answer) => cookieOf(answer, 'berth_session')).filter((one) => one !== '');
    expect(renewed).toHaveLength(1);
    expect(await projects(renewed[0] ?? '')).toEqual([`gh-${repository.id}`]);
  });

  it('waits for the renewal where the token has ended already', async () => {
    github.state.userTokenSeconds = 3;
    // On a busy machine it has ended before the sign-in has.
    const cookie = await eventually('a session', async () => (await signIn('dana')) || undefined);
    github.state.userTokenSeconds = 8 * 3600;
    await eventually('the token to end', async () =>
      [...github.state.userTokens.values()].some(({ expires }) => expires.getTime() < Date.now() - 50),
    );
    const answers = await Promise.all(
      Array.from({ length: 6 }, () => visit(`${berth.url}/projects`, cookie)),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array(6).fill(200));
  });
});
