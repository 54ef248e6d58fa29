import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { branch, type Harbour, openHarbour, tests } from './harness/open-harbour.ts';
import { settles } from './harness/settles.ts';

let harbour: Harbour;
const flaky = 'drops the anchor';

beforeAll(async () => {
  harbour = await openHarbour();
  await harbour.ran(tests);
  await harbour.ran({ ...tests, env: { FAIL: flaky } });
  await harbour.ran({ ...tests, branch, env: { SLOW: 'holds the line' } });
});
afterAll(() => harbour?.close());

describe('the tests page', () => {
  it('lists the flakiest test first, in words too', async () => {
    const { page, complaints, close } = await harbour.visit('/tests');
    const first = page.getByRole('row').nth(1);
    await first.getByText(flaky).waitFor();
    expect(await first.getByRole('cell').allTextContents()).toMatchObject([
      expect.stringContaining('unit'),
      '',
      '1',
      '1 of 3',
      expect.stringMatching(/\d (ms|s)$/),
      expect.stringMatching(/\d (ms|s)$/),
    ]);
    const strip = first.getByRole('img');
    expect(await strip.getAttribute('aria-label')).toMatch(/^3 runs, 1 failed, longest .*, last passed$/);
    await page.getByText('3 tests in 3 runs').waitFor();
    expect(complaints()).toEqual([]);
    await close();
  });

  it('keeps its order and its filters in the address', async () => {
    const { page, close } = await harbour.visit('/tests');
    await page.getByLabel('Order').selectOption('slow');
    await page.waitForURL(/sort=slow/);
    await page.getByLabel('Search').fill('sails');
    await page.keyboard.press('Enter');
    await page.waitForURL(/text=sails/);
    await page.getByText('1 test in 3 runs').waitFor();
    await page.reload();
    await page.getByText('1 test in 3 runs').waitFor();
    await close();
  });

  it('leads to the history of a test, and from there to its runs', async () => {
    const { page, close } = await harbour.visit('/');
    await page
      .getByRole('navigation', { name: 'Pages' })
      .getByRole('link', { name: 'Tests', exact: true })
      .click();
    await page.getByRole('link', { name: flaky }).click();
    await page.getByRole('heading', { level: 1, name: flaky }).waitFor();
    await page.getByText('Flaky: passed and failed on the same commit, for 1 commit.').waitFor();
    const rows = page.getByRole('row');
    await settles(
      () => rows.count(),
      (count) => expect(count).toBe(4),
    );
    await rows.nth(2).getByText('Failed').waitFor();
    await rows.nth(2).getByRole('link').click();
    await page.getByRole('heading', { level: 1 }).getByText('Failed').waitFor();
    await page.getByRole('link', { name: 'Test history' }).click();
    await page.getByRole('heading', { level: 1, name: flaky }).waitFor();
    await close();
  });
});
