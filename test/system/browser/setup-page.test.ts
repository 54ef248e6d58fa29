import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { parseConfig } from '../../../app/wiring/config/config.ts';
import { type RunningServer, serve } from '../../../app/wiring/server.ts';
import { accessibilityFaults } from '../../helpers/accessibility-faults.ts';
import {
  type GithubStandIn,
  startGithubStandIn,
} from '../../helpers/github-stand-in/start-github-stand-in.ts';
import { headlessChromium, visitor } from '../../helpers/headless-chromium.ts';
import { removeDirectory } from '../../helpers/temporary-directory.ts';

describe('setting up the GitHub App in a browser', () => {
  let browser: Browser;
  let github: GithubStandIn;
  let berth: RunningServer;
  let dataDir: string;
  let context: BrowserContext;
  let page: Page;

  beforeAll(async () => {
    browser = await headlessChromium();
  });
  afterAll(() => browser?.close());
  beforeEach(async () => {
    github = await startGithubStandIn();
    dataDir = await mkdtemp(join(tmpdir(), 'berth-setup-page-'));
    berth = await serve(
      parseConfig({
        PORT: '0',
        BERTH_DATA_DIR: dataDir,
        BERTH_EXECUTOR: 'process',
        BERTH_LOG_LEVEL: 'silent',
        GHE_HOST: github.host,
        GHE_PROTOCOL: 'http',
      }),
    );
    context = await visitor(browser);
    page = await context.newPage();
    await page.goto(berth.setupUrl ?? '');
  });
  afterEach(async () => {
    await context?.close();
    await berth?.close();
    await github?.close();
    await removeDirectory(dataDir);
  });

  const heading = (name: string) => page.getByRole('heading', { name }).waitFor();
  const press = (name: string) => page.getByRole('button', { name, exact: true }).click();
  async function createApp(): Promise<void> {
    await press('Create the GitHub App');
    await press('Create GitHub App');
  }

  it('leads to GitHub, to the repositories, and back to Berth, where people sign in', async () => {
    expect(await accessibilityFaults(page)).toEqual([]);
    await createApp();
    await press('Install');
    await page.getByRole('link', { name: 'Sign in with GitHub' }).waitFor();
    expect(new URL(page.url()).origin).toBe(berth.url);
  });

  it('says that the App exists to someone who goes back, reloads, or opens the page again', async () => {
    await createApp();
    await page.getByRole('button', { name: 'Install' }).waitFor();
    const [, created] = github.requests.filter((request) => request.endsWith('/conversions'));
    expect(created).toBeUndefined();
    await page.goto(berth.setupUrl ?? '');
    await heading('The GitHub App is already set up');
    expect(await accessibilityFaults(page)).toEqual([]);
    const { searchParams } = new URL(berth.setupUrl ?? '');
    await page.goto(`${berth.url}/setup/created?code=used&state=${searchParams.get('token')}`);
    await heading('The GitHub App is already set up');
    await page.getByText('delete it on GitHub').waitFor();
    await page.getByRole('link', { name: 'Go to Berth' }).click();
    await page.getByRole('link', { name: 'Sign in with GitHub' }).waitFor();
  });

  it('leads back to the start from a code that has expired, from none, and from one declined', async () => {
    const { searchParams } = new URL(berth.setupUrl ?? '');
    for (const code of ['expired', '']) {
      await page.goto(`${berth.url}/setup/created?code=${code}&state=${searchParams.get('token')}`);
      await heading('The GitHub App was not connected');
      expect(await accessibilityFaults(page)).toEqual([]);
      await page.getByRole('link', { name: 'Try again' }).click();
      await heading('Connect Berth with GitHub');
    }
    await press('Create the GitHub App');
    await page.getByRole('button', { name: 'Create GitHub App', exact: true }).waitFor();
    await page.waitForLoadState();
    await page.goBack();
    await createApp();
    await press('Install');
    await page.getByRole('link', { name: 'Sign in with GitHub' }).waitFor();
  });

  it('refuses an address without the token, in words for a person', async () => {
    await page.goto(`${berth.url}/setup?token=guess`);
    await heading('No access');
    await page.getByText('Open the complete address from the output of the server.').waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
  });
});
