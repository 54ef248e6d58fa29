import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { type Harbour, openHarbour } from './harness/open-harbour.ts';

let harbour: Harbour;
let long: string;
const logOf200000 = `awk 'BEGIN { for (i = 1; i <= 200000; i++) printf "line \\033[32m%d\\033[0m of the log\\n", i }'`;

beforeAll(async () => {
  harbour = await openHarbour();
  long = await harbour.ran({ test_command: logOf200000 });
});
afterAll(() => harbour?.close());

async function openLog(hash = '') {
  const visit = await harbour.visit(`/`);
  await visit.page.goto(`${harbour.server.url}/runs/${long}${hash}`);
  await visit.page.getByText(/^200,0\d\d lines$/).waitFor();
  return visit;
}

const lines = (page: Page) => page.getByRole('log');

describe('a log of 200,000 lines', () => {
  it('shows its end, and renders only the lines in view', async () => {
    const { page, close } = await openLog();
    await lines(page).getByText('line 200000 of the log').waitFor();
    expect(await page.locator('.row').count()).toBeLessThan(200);
    await close();
  });

  it('finds text whatever its colors, marks it, and goes to the next and the previous match', async () => {
    const { page, close } = await openLog();
    const search = page.getByLabel('Search the log');
    await search.fill('LINE 123456 of');
    await page.getByText('1 of 1', { exact: true }).waitFor();
    await lines(page).getByText('line 123456 of the log').waitFor();
    // The lines around it stay.
    await lines(page).getByText('line 123457 of the log').waitFor();
    await search.fill('line 99');
    await page.getByText('1 of 1,111', { exact: true }).waitFor();
    await search.press('Enter');
    await page.getByText('2 of 1,111', { exact: true }).waitFor();
    await lines(page).locator('.row.chosen').getByText('line 990 of the log').waitFor();
    await page.getByRole('button', { name: 'Previous match' }).click();
    await page.getByRole('button', { name: 'Previous match' }).click();
    await page.getByText('1,111 of 1,111', { exact: true }).waitFor();
    await close();
  });

  it('selects lines, with a link to them', async () => {
    const { page, close } = await openLog();
    await page.getByLabel('Search the log').fill('line 100000 of');
    await lines(page).locator('.row.chosen').waitFor();
    const link = lines(page).locator('.row.chosen').getByRole('link').first();
    const number = Number(await link.textContent());
    await link.click();
    expect(new URL(page.url()).hash).toBe(`#L${number}`);
    await lines(page)
      .getByRole('link', { name: `Link to line ${number + 3}`, exact: true })
      .click({ modifiers: ['Shift'] });
    expect(new URL(page.url()).hash).toBe(`#L${number}-L${number + 3}`);
    expect(await page.locator('.row.linked').count()).toBe(4);
    await close();
  });

  it('opens at the lines that a link names', async () => {
    const { page, close } = await openLog('#L150000-L150002');
    await page.locator('.row.linked').first().waitFor();
    expect(await page.locator('.row.linked .line-number').allTextContents()).toEqual([
      '150000',
      '150001',
      '150002',
    ]);
    // It stays there, though the log has continued since.
    await lines(page).getByText('line 149995 of the log').waitFor();
    await close();
  });

  it('is scrolled by keyboard', async () => {
    const { page, close } = await openLog();
    await lines(page).focus();
    await page.keyboard.press('Home');
    await lines(page).getByText('line 1 of the log', { exact: true }).waitFor();
    await page.keyboard.press('End');
    await lines(page).getByText('line 200000 of the log').waitFor();
    await close();
  });

  it('can be downloaded whole', async () => {
    const { page, close } = await openLog();
    const coming = page.waitForEvent('download');
    await page.getByRole('link', { name: 'Download' }).click();
    const download = await coming;
    expect(download.suggestedFilename()).toBe(`${long}.log`);
    const text = await readFile(await download.path(), 'utf8');
    expect(text).toContain('line \u001b[32m200000\u001b[0m of the log\n');
    await close();
  });

  it('has rows in every frame while it is scrolled from end to end, and never many', async () => {
    const { page, close } = await openLog();
    const rows = await page.evaluate<number[]>(scrollThrough);
    expect(rows).toHaveLength(41);
    expect(Math.min(...rows)).toBeGreaterThan(0);
    expect(Math.max(...rows)).toBeLessThan(200);
    await close();
  });
});

/** Scrolls by a fortieth at each frame. @returns how many rows the document had at each. */
const scrollThrough = `(async () => {
  const box = document.querySelector('.lines');
  const rows = [];
  for (let step = 0; step <= 40; step += 1) {
    box.scrollTop = (box.scrollHeight * step) / 40;
    await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
    rows.push(box.querySelectorAll('.row').length);
  }
  return rows;
})()`;
