import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import type { RunningServer } from '../../../app/wiring/server.ts';
import { accessibilityFaults } from '../../helpers/accessibility-faults.ts';
import { eventually } from '../../helpers/eventually.ts';
import {
  type GithubStandIn,
  startGithubStandIn,
} from '../../helpers/github-stand-in/start-github-stand-in.ts';
import type { RepositoryState } from '../../helpers/github-stand-in/state.ts';
import { headlessChromium, visitor } from '../../helpers/headless-chromium.ts';
import { apiKey, serveFor } from '../../helpers/served-github.ts';
import { removeDirectory } from '../../helpers/temporary-directory.ts';
import { settles } from './harness/settles.ts';

const settings = 'suites:\n  unit:\n    command: echo "all is well"\n';
let dataDir: string;
let github: GithubStandIn;
let berth: RunningServer;
let browser: Browser;
let mine: RepositoryState;
let readOnly: RepositoryState;
let hidden: RepositoryState;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'berth-sign-in-'));
  github = await startGithubStandIn();
  const files = { '.github/berth.yml': settings };
  mine = await github.addRepository({ name: 'mine', files, collaborators: { dana: 'write' } });
  readOnly = await github.addRepository({
    name: 'read-only',
    files,
    collaborators: { dana: 'read', rin: 'write' },
  });
  hidden = await github.addRepository({ name: 'hidden', files, collaborators: { rin: 'write' } });
  berth = await serveFor(github, dataDir);
  await github.people.install();
  browser = await headlessChromium();
});
afterAll(async () => {
  await browser?.close();
  await berth?.close();
  await github?.close();
  await removeDirectory(dataDir);
});

/** A run of a repository, ended. @returns its ID. */
async function runOf(repository: RepositoryState): Promise<string> {
  await github.people.push(repository, 'main', { 'a.txt': `${Math.random()}` });
  const id = await eventually(`a run of ${repository.name} to end`, async () => {
    const response = await fetch(`${berth.url}/workflow?project=gh-${repository.id}&state=succeeded`, {
      headers: { 'x-api-key': apiKey },
    });
    // The list of workflows, or an error while there is no project yet.
    const { workflows = [] } = (await response.json()) as { workflows?: { workflow_id: string }[] };
    return workflows[0]?.workflow_id;
  });
  return id;
}

interface Visit {
  readonly context: BrowserContext;
  readonly page: Page;
  /** Every address that the browser asked for. */
  readonly asked: string[];
  readonly complaints: string[];
}

async function visit(path: string): Promise<Visit> {
  const context = await visitor(browser);
  const page = await context.newPage();
  const asked: string[] = [];
  const complaints: string[] = [];
  page.on('request', (request) => asked.push(request.url()));
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    // The stand-in has no picture for the tab.
    const isOurs = message.location().url.startsWith(berth.url);
    if (message.type() === 'error' && isOurs) complaints.push(message.text());
  });
  await page.goto(`${berth.url}${path}`);
  return { context, page, asked, complaints };
}

async function signIn(page: Page, login: string): Promise<void> {
  await page.getByRole('link', { name: 'Sign in with GitHub' }).click();
  await page.getByRole('link', { name: `Authorize as ${login}` }).click();
  await page.getByRole('button', { name: 'Sign out' }).waitFor();
}

/** A request by the page, with the cookie that its scripts cannot read. */
const statusOf = (page: Page, method: string, path: string): Promise<number> =>
  page.evaluate(
    async ([how, where]) => {
      const headers = { 'x-berth-session': '1' };
      return (
        await fetch(where ?? '', { method: how ?? '', headers, ...(how === 'POST' ? { body: '{}' } : {}) })
      ).status;
    },
    [method, path],
  );

describe('signing in with GitHub, in a browser', () => {
  it('leads back to the page that was wanted, shows who is there, and asks no other origin', async () => {
    const run = await runOf(mine);
    const { page, context, asked, complaints } = await visit(`/runs/${run}?x=1`);
    await page.getByRole('link', { name: 'Sign in with GitHub' }).waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    await signIn(page, 'dana');
    expect(page.url()).toBe(`${berth.url}/runs/${run}?x=1`);
    const header = page.getByRole('banner');
    expect(await header.textContent()).toContain('DRdana');
    await page.getByRole('log').getByText('all is well', { exact: true }).waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);

    const origins = new Set(asked.map((url) => new URL(url).origin));
    expect([...origins].sort()).toEqual([berth.url, `http://${github.host}`].sort());
    const fromGithub = asked.filter((url) => url.startsWith(`http://${github.host}`));
    expect(fromGithub.every((url) => url.includes('/login/oauth/authorize'))).toBe(true);
    expect(complaints.filter((text) => !text.includes('401'))).toEqual([]);
    await context.close();
  });

  it('leaves nothing that scripts can read', async () => {
    const { page, context } = await visit('/');
    await signIn(page, 'dana');
    expect(
      await page.evaluate<string>(
        'JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie, location.href])',
      ),
    ).toBe(JSON.stringify([{}, {}, '', `${berth.url}/`]));
    const cookies = await context.cookies();
    const ours = cookies.filter(({ name }) => name.includes('berth'));
    expect(ours).toMatchObject([{ name: 'berth_session', httpOnly: true, sameSite: 'Lax' }]);
    await context.close();
  });

  it('shows a person their own repositories, and no other', async () => {
    await runOf(hidden);
    const { page, context } = await visit('/');
    await signIn(page, 'dana');
    const names = page.getByLabel('Project').locator('option');
    await settles(
      () => names.allTextContents(),
      (shown) => expect(shown.toSorted()).toEqual(['octo-org/mine', 'octo-org/read-only']),
    );
    await context.close();
  });

  it('tells someone who may see nothing why, and asks who is gone to sign in again', async () => {
    const { page, context } = await visit('/');
    await signIn(page, 'stranger');
    await page.getByText('No projects').waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    await context.clearCookies();
    await page.getByRole('link', { name: 'Tests', exact: true }).click();
    await page.getByRole('link', { name: 'Sign in with GitHub' }).waitFor();
    await context.close();
  });

  it('fits on a phone, whatever the login', async () => {
    const longest = 'a-login-of-the-thirty-nine-characters-x';
    mine.collaborators.set(longest, 'read');
    const { page, context } = await visit('/');
    await page.setViewportSize({ width: 360, height: 700 });
    await signIn(page, longest);
    await page.getByRole('heading', { name: 'Runs', level: 2 }).waitFor();
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360);
    await context.close();
  });

  it('keeps a person from runs of other repositories, by their address too', async () => {
    const run = await runOf(hidden);
    const { page, context } = await visit(`/runs/${run}`);
    await signIn(page, 'dana');
    await page.getByRole('heading', { name: 'Run not found' }).waitFor();
    expect(await statusOf(page, 'GET', `/workflow/${run}/logs`)).toBe(404);
    expect(await statusOf(page, 'DELETE', `/workflow/${run}`)).toBe(404);
    await context.close();
  });

  it('offers what a person may do where they may write, and not where they only read', async () => {
    const [written, read] = [await runOf(mine), await runOf(readOnly)];
    const { page, context } = await visit(`/runs/${written}`);
    await signIn(page, 'dana');
    await page.getByRole('button', { name: 'Retest unit', exact: true }).waitFor();
    await page.goto(`${berth.url}/runs/${read}`);
    await page.getByRole('log').getByText('all is well', { exact: true }).waitFor();
    await page
      .getByRole('button', { name: /Retest/ })
      .first()
      .waitFor({ state: 'detached' });
    expect(await statusOf(page, 'POST', `/workflow/${read}/retest`)).toBe(403);
    expect(await statusOf(page, 'POST', `/workflow/${written}/retest`)).toBe(202);
    await context.close();
  });

  it('ends with "Sign out", for copies of the cookie too', async () => {
    const { page, context } = await visit('/');
    await signIn(page, 'dana');
    const [session] = await context.cookies();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('link', { name: 'Sign in with GitHub' }).waitFor();
    expect(await context.cookies(berth.url)).toEqual([]);
    const copy = await fetch(`${berth.url}/projects`, {
      headers: { cookie: `${session?.name}=${session?.value}` },
    });
    expect(copy.status).toBe(401);
    await context.close();
  });

  it('tells a person who cancels on GitHub’s page what happened, and accepts a key', async () => {
    const { page, context } = await visit('/');
    await page.getByRole('link', { name: 'Sign in with GitHub' }).click();
    await page.getByRole('link', { name: 'Cancel' }).click();
    expect(await page.getByRole('alert').textContent()).toContain('did not authorize');
    await page.getByLabel('API key').fill(apiKey);
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await page.getByRole('button', { name: 'Sign out' }).waitFor();
    expect(page.url()).toBe(`${berth.url}/`);
    await context.close();
  });

  it('is not changed by a link with someone else’s key', async () => {
    const { page, context } = await visit('/');
    await signIn(page, 'dana');
    await page.goto(`${berth.url}/tests#key=${apiKey}`);
    await page.getByRole('button', { name: 'Sign out' }).waitFor();
    expect(page.url()).toBe(`${berth.url}/tests`);
    expect(await page.getByRole('banner').textContent()).toContain('dana');
    await context.close();
  });

  it('is refused to another site that has the browser act', async () => {
    const { page, context } = await visit('/');
    await signIn(page, 'dana');
    // A page of another origin of the same site: the stand-in is on another port of the same host.
    await page.goto(`http://${github.host}/login/oauth/authorize`);
    const result = await page.evaluate(async (url) => {
      const init = { method: 'POST', body: '{}', credentials: 'include' } as const;
      const plain = await fetch(`${url}/requestStack`, { ...init, mode: 'no-cors' }).then(
        (response) => response.type,
        () => 'refused',
      );
      const withHeader = await fetch(`${url}/requestStack`, {
        ...init,
        headers: { 'x-berth-session': '1' },
      }).then(
        () => 'answered',
        () => 'refused',
      );
      return { plain, withHeader };
    }, berth.url);
    expect(result).toEqual({ plain: 'refused', withHeader: 'refused' });
    // Runs of the tests before may hold one yet; what was requested here would stay.
    await eventually('no stack to be held', async () => {
      const stacks = await fetch(`${berth.url}/listStacks?project=gh-${mine.id}`, {
        headers: { 'x-api-key': apiKey },
      });
      const { stacks: all } = (await stacks.json()) as { stacks: { isAvailable: boolean }[] };
      return all.every(({ isAvailable }) => isAvailable);
    });
    await context.close();
  });
});
