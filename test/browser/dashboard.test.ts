import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '../helpers/eventually.ts';
import { seriousFaults } from '../helpers/serious-faults.ts';
import { type Harbour, openHarbour, tests } from './harness/open-harbour.ts';

let harbour: Harbour;
let failing: string;

beforeAll(async () => {
  harbour = await openHarbour();
  await harbour.ran(tests);
  failing = await harbour.ran({ ...tests, env: { FAIL: 'drops the anchor' } });
  await harbour.ran({ test_command: 'true' });
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
    const context = await harbour.browser.newContext();
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
  it('shows who holds which berth, and what ran', async () => {
    const { page, complaints, close } = await harbour.visit('/');
    await page.getByText('◕ tests run').first().waitFor();
    expect(await page.getByRole('row').count()).toBe(5);
    await page.getByText('1 of 3 tests failed.').waitFor();
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
        const { page, close } = await harbour.visit(path(), { colorScheme, viewport });
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
