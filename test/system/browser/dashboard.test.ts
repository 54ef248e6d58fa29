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

  it('asks somebody unknown for a key, and says what is wrong with a bad one', async () => {
    const context = await visitor(harbour.browser);
    const page = await context.newPage();
    await page.goto(harbour.server.url);
    await page.getByLabel('API key').fill('berth_wrong');
    await page.getByRole('button', { name: 'Sign in' }).click();
    expect(await page.getByRole('alert').textContent()).toContain('unknown or was revoked');
    await page.getByLabel('API key').fill(harbour.server.apiKey);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Berths' }).waitFor();
    await context.close();
  });
});

describe('the overview', () => {
  it('leaves alone what somebody types while it looks at the server', async () => {
    const { page, close } = await harbour.visit('/');
    const field = page.getByLabel('Branch');
    await field.pressSequentially('mai');
    // By the second answer the first one has been drawn.
    for (let look = 0; look < 2; look += 1) {
      await page.waitForResponse((response) => new URL(response.url()).pathname === '/workflow');
    }
    expect(await field.inputValue()).toBe('mai');
    await field.pressSequentially('n');
    await page.keyboard.press('Enter');
    await page.waitForURL(/branch=main/);
    await close();
  });

  it('shows who holds which berth, and what ran', async () => {
    const { page, complaints, close } = await harbour.visit('/');
    await page.getByText('◕ tests run').first().waitFor();
    await settles(
      () => page.getByRole('row').count(),
      (rows) => expect(rows).toBe(5),
    );
    await page.getByText('1 of 3 tests failed.').waitFor();
    expect(complaints()).toEqual([]);
    await close();
  });

  it('tells how the last runs went, in charts and in words', async () => {
    const { page, close } = await harbour.visit('/');
    await page.getByRole('heading', { name: 'The last 4 runs: 2 passed, 1 failed, 1 under way' }).waitFor();
    await settles(
      () =>
        page
          .getByRole('region', { name: /^The last/ })
          .getByRole('img')
          .evaluateAll((charts) => charts.map((chart) => chart.getAttribute('aria-label'))),
      (labels) =>
        expect(labels).toEqual([
          expect.stringMatching(/^Share of 10 runs in a row that passed: 67 % now, at least 50 %$/),
          expect.stringMatching(/^Duration of 3 runs: median \d.*, 95th percentile \d.*, longest \d/),
          expect.stringMatching(/^Waiting for a stack before 4 runs: median 0 ms/),
          expect.stringMatching(/^Estimated cost by month: \d{4}-\d\d \$0, /),
        ]),
    );
    await close();
  });

  it('is sent nothing that it has already, and goes on after its tab was hidden', async () => {
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

describe('an address that leads to nothing', () => {
  it.each([
    ['/runs/nosuchrun', 'run'],
    ['/no/such/page', 'page'],
  ])('%s says so in words, and leads on', async (path, what) => {
    const { page, close } = await harbour.visit(path);
    await page.getByRole('heading', { name: `There is no such ${what}` }).waitFor();
    await page.getByRole('main').getByRole('link', { name: 'Berths and runs' }).click();
    await page.getByRole('heading', { name: 'Berths', exact: true }).waitFor();
    await close();
  });
});

describe('the log of a run', () => {
  it('says so where a search finds nothing', async () => {
    const { page, close } = await harbour.visit(`/runs/${silent}`);
    const search = page.getByLabel('Search the log');
    await search.fill('no line has this');
    await page.getByText('No line has this text.').waitFor();
    await search.fill('');
    await page.getByText('No line has this text.').waitFor({ state: 'detached' });
    await close();
  });
});
