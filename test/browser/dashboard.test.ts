import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { eventually } from '../helpers/eventually.ts';
import { type GitRepository, gitRepository } from '../helpers/git-repository.ts';
import { seriousFaults } from '../helpers/serious-faults.ts';
import { type ServerProcess, startServer } from '../helpers/server-process.ts';

const suite = `
import assert from 'node:assert';
import { test } from 'node:test';
test('holds the line', () => {});
test('<img src=x onerror=document.title="gone"> drops the anchor', () => assert.equal('hold', 'drift'));
`;
const runSuite =
  'FORCE_COLOR=1 node --test --test-reporter=spec --test-reporter-destination=stdout --test-reporter=junit --test-reporter-destination=junit.xml';
const longLog = 'seq -f "line %.0f of the log" 200000';
/** What keeps Chromium from asking for anything but the page. */
const args = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

let directory: string;
let server: ServerProcess;
let repository: GitRepository;
let browser: Browser;
let failing: string;
let long: string;
let running: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'berth-browser-'));
  repository = await gitRepository(join(directory, 'repository'), { 'anchor.test.mjs': suite });
  server = await startServer(join(directory, 'data'));
  failing = await execute(runSuite);
  await ended(failing);
  long = await execute(longLog);
  await ended(long);
  await ended(await execute('true'));
  running = await execute('echo waits; sleep 600');
  browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args });
});
afterAll(async () => {
  await browser?.close();
  await server?.call('DELETE', `/workflow/${running}`);
  await ended(running);
  await server?.stop();
  await rm(directory, { recursive: true, force: true });
});

async function execute(command: string): Promise<string> {
  const { body } = await server.call('POST', '/workflow/execute', {
    repo_url: repository.url,
    branch: repository.branch,
    test_command: command,
  });
  return String(body.workflow_id);
}

async function ended(id: string): Promise<void> {
  await eventually(
    `the end of ${id}`,
    async () => {
      return (await server.call('GET', `/workflow/${id}/status`)).body.status === 'STOPPED';
    },
    60,
  );
}

interface Visit {
  readonly page: Page;
  /** What the browser complained about. */
  readonly complaints: string[];
  close(): Promise<void>;
}

async function visit(path: string, options: Parameters<Browser['newContext']>[0] = {}): Promise<Visit> {
  const context: BrowserContext = await browser.newContext(options);
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  await page.goto(`${server.url}${path}#key=${server.apiKey}`);
  await page.getByRole('button', { name: 'Sign out' }).waitFor();
  return { page, complaints, close: () => context.close() };
}

describe('signing in', () => {
  it('takes the key of a link out of the address, and keeps no key in the page', async () => {
    const { page, complaints, close } = await visit('/');
    expect(page.url()).toBe(`${server.url}/`);
    expect(
      await page.evaluate<string>(
        'JSON.stringify({ ...localStorage, ...sessionStorage, cookie: document.cookie })',
      ),
    ).not.toContain('key');
    expect(complaints.filter((text) => !text.includes('401'))).toEqual([]);
    await close();
  });

  it('asks somebody unknown for a key, and says what is wrong with a bad one', async () => {
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(server.url);
    await page.getByLabel('API key').fill('berth_wrong');
    await page.getByRole('button', { name: 'Sign in' }).click();
    expect(await page.getByRole('alert').textContent()).toContain('unknown or was revoked');
    await page.getByLabel('API key').fill(server.apiKey);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Berths' }).waitFor();
    await context.close();
  });
});

describe('the overview', () => {
  it('shows who holds which berth, and what ran', async () => {
    const { page, complaints, close } = await visit('/');
    await page.getByText('◕ tests run').first().waitFor();
    expect(await page.getByRole('row').count()).toBe(5);
    await page.getByText('1 of 2 tests failed.').waitFor();
    expect(complaints.filter((text) => !text.includes('401'))).toEqual([]);
    await close();
  });

  it('keeps its filters in the address, so that a list can be sent', async () => {
    const { page, close } = await visit('/');
    await page.getByLabel('State').selectOption('failed');
    await page.waitForURL(/state=failed/);
    await page.getByText('1 of 2 tests failed.').waitFor();
    await eventually('one row and its heading', async () => (await page.getByRole('row').count()) === 2);
    await page.reload();
    await eventually('the same after a reload', async () => (await page.getByRole('row').count()) === 2);
    await close();
  });
});

describe('the page of a run', () => {
  it('shows the failed test first, and hostile names as text', async () => {
    const { page, close } = await visit(`/runs/${failing}`);
    await page.getByText('<img src=x onerror=document.title="gone"> drops the anchor').first().waitFor();
    expect(await page.title()).toBe('Berth');
    expect(await page.locator('main img').count()).toBe(0);
    await close();
  });

  it('retests a run that has ended, and goes to the new one', async () => {
    const { page, close } = await visit(`/runs/${failing}`);
    await page.getByRole('button', { name: 'Retest' }).click();
    await page.waitForURL((url) => !url.pathname.endsWith(failing));
    await page.getByRole('link', { name: 'The run before' }).waitFor();
    await ended(new URL(page.url()).pathname.split('/').at(-1) ?? '');
    await close();
  });

  it('follows a live log', async () => {
    const { page, close } = await visit(`/runs/${running}`);
    await page.getByRole('log').getByText('waits', { exact: true }).waitFor();
    await page.getByText(/lines, live/).waitFor();
    await close();
  });

  it('keeps but the lines in view of 200,000, goes to a linked one, and finds one of them', async () => {
    const { page, close } = await visit(`/runs/${long}`);
    await page.getByText(/200,0\d\d lines$/).waitFor({ timeout: 60_000 });
    await page.getByRole('log').getByText('line 200000 of the log').waitFor();
    expect(await page.locator('.row').count()).toBeLessThan(200);
    await page.getByLabel('Search').last().fill('line 123456 of');
    await page.getByText(/^1 of 200,0\d\d lines$/).waitFor();
    await page.getByRole('log').getByText('line 123456 of the log').waitFor();
    await close();
  });
});

describe('every page', () => {
  const pages: [string, () => string][] = [
    ['overview', () => '/'],
    ['run', () => `/runs/${failing}`],
    ['berth', () => '/berths/test-1'],
  ];
  it.each(pages)('%s is usable with a screen reader, light and dark, also on a phone', async (_, path) => {
    for (const colorScheme of ['light', 'dark'] as const) {
      for (const viewport of [
        { width: 1200, height: 900 },
        { width: 390, height: 844 },
      ]) {
        const { page, close } = await visit(path(), { colorScheme, viewport });
        await page.getByRole('heading', { level: 2 }).first().waitFor();
        await page.getByRole('row').or(page.getByRole('log')).first().waitFor();
        expect(await seriousFaults(page)).toEqual([]);
        const overflow = await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth');
        expect(overflow).toBeLessThanOrEqual(0);
        await close();
      }
    }
  });
});
