import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '../../helpers/eventually.ts';
import { visitor } from '../../helpers/headless-chromium.ts';
import { type Harbour, openHarbour, tests } from './harness/open-harbour.ts';
import { settles } from './harness/settles.ts';

let harbour: Harbour;
let silent: string;

beforeAll(async () => {
  harbour = await openHarbour();
  await harbour.ran(tests);
  await harbour.ran({ ...tests, env: { FAIL: 'drops the anchor' } });
  silent = await harbour.ran({ test_command: 'true' });
  await harbour.run({ test_command: 'echo waits; sleep 600' });
});
afterAll(() => harbour?.close());

describe('signing in', () => {
  it('takes the key of a link out of the address, and keeps no key in the page', async () => {
    const { page, complaints, close } = await harbour.visit('/');
    expect(page.url()).toBe(`${harbour.server.url}/`);
    expect(
      await page.evaluate<string>(
        'JSON.stringify({ ...localStorage, ...sessionStorage, cookie: document.cookie })',
      ),
    ).not.toContain('key');
    expect(complaints()).toEqual([]);
    await close();
  });

  it('asks for a key, and explains why a wrong one is refused', async () => {
    const context = await visitor(harbour.browser);
    const page = await context.newPage();
    await page.goto(harbour.server.url);
    await page.getByLabel('API key').fill('berth_wrong');
    await page.getByRole('button', { name: 'Sign in' }).click();
    expect(await page.getByRole('alert').textContent()).toContain('unknown or was revoked');
    await page.getByLabel('API key').fill(harbour.server.apiKey);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Runs', level: 2 }).waitFor();
    await context.close();
  });
});

describe('the overview', () => {
  it('keeps what is being typed while it polls', async () => {
    const { page, close } = await harbour.visit('/');
    const field = page.getByLabel('Branch');
    await field.pressSequentially('mai');
    // Once the second answer is there the first one has been rendered.
    for (let look = 0; look < 2; look += 1) {
      await page.waitForResponse((response) => new URL(response.url()).pathname === '/workflow');
    }
    expect(await field.inputValue()).toBe('mai');
    await field.pressSequentially('n');
    await page.keyboard.press('Enter');
    await page.waitForURL(/branch=main/);
    await close();
  });

  it('shows the stacks and the runs, with what each run tested', async () => {
    const { page, complaints, close } = await harbour.visit('/');
    const stacks = page.getByRole('region', { name: /^Stacks/ });
    await stacks.getByText('Running').first().waitFor({ state: 'attached' });
    await settles(
      () => page.getByRole('row').count(),
      (rows) => expect(rows).toBe(5),
    );
    const failed = page.getByRole('row').filter({ hasText: '1 of 3 tests failed.' });
    for (const text of ['Failed', 'unit', 'main', 'API']) await failed.getByText(text).first().waitFor();
    await page.getByText('4 runs', { exact: true }).waitFor();
    expect(complaints()).toEqual([]);
    await close();
  });

  it('receives no unchanged answer again, and resumes after its tab was hidden', async () => {
    const { page, complaints, close } = await harbour.visit('/?state=failed');
    const answered = (status: number) =>
      page.waitForResponse(
        (response) => response.url().includes('state=failed') && response.status() === status,
      );
    await answered(304);
    await page.getByRole('row').nth(1).waitFor();
    const hide = (isHidden: boolean) =>
      page.evaluate(`Object.defineProperty(document, 'hidden', { value: ${isHidden}, configurable: true });
        document.dispatchEvent(new Event('visibilitychange'))`);
    await hide(true);
    const again = answered(304);
    await hide(false);
    await again;
    expect(complaints()).toEqual([]);
    await close();
  });

  it('keeps its filters in the address, so that a list can be sent', async () => {
    const { page, close } = await harbour.visit('/');
    await page.getByLabel('State').selectOption('failed');
    await page.waitForURL(/state=failed/);
    await page.getByText('1 of 3 tests failed.').waitFor();
    await eventually('one row and its heading', async () => (await page.getByRole('row').count()) === 2);
    await page.reload();
    await eventually('the same after a reload', async () => (await page.getByRole('row').count()) === 2);
    await close();
  });
});

describe('an unknown address', () => {
  it.each([
    ['/runs/nosuchrun', 'Run'],
    ['/no/such/page', 'Page'],
  ])('%s is reported as not found, with a way on', async (path, what) => {
    const { page, close } = await harbour.visit(path);
    await page.getByRole('heading', { name: `${what} not found` }).waitFor();
    await page.getByRole('main').getByRole('link', { name: 'Go to runs' }).click();
    await page.getByRole('heading', { name: 'Runs', level: 2 }).waitFor();
    await close();
  });
});

describe('the list of runs', () => {
  it('gives the status badge of a branch', async () => {
    const { page, complaints, close } = await harbour.visit('/?branch=main');
    await page.getByText('Status badge').click();
    const picture = page.getByRole('img', { name: 'Current status' });
    await settles(
      () => picture.evaluate((image) => 'naturalWidth' in image && Number(image.naturalWidth)),
      (width) => expect(width).toBeGreaterThan(50),
    );
    await page.getByText(/^\[!\[Berth\]\(http/).waitFor();
    expect(complaints()).toEqual([]);
    await close();
  });

  it('says so if no run matches, and clears the filters', async () => {
    const { page, close } = await harbour.visit('/?branch=none&actor=someone');
    await page.getByText('No runs match.').waitFor();
    await page.getByRole('button', { name: 'Clear filters' }).first().click();
    await page.waitForURL((url) => url.search === '');
    await page.getByText('4 runs', { exact: true }).waitFor();
    await close();
  });

  it('filters by the stack and the trigger', async () => {
    const { page, close } = await harbour.visit('/?trigger=api&stack=test-1');
    await settles(
      () => page.getByRole('row').count(),
      (rows) => expect(rows).toBeGreaterThan(1),
    );
    await page.getByRole('combobox', { name: 'Trigger' }).selectOption('push');
    await page.getByText('No runs match.').waitFor();
    await close();
  });
});

describe('the log of a run', () => {
  it('says so if a search finds nothing', async () => {
    const { page, close } = await harbour.visit(`/runs/${silent}`);
    const search = page.getByLabel('Search the log');
    await search.fill('no line has this');
    await page.getByText('No matches').waitFor();
    await close();
  });
});
