import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { type Harbour, openHarbour } from './harness/open-harbour.ts';
import { settles } from './harness/settles.ts';

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
  it('shows its end, and keeps in the document but the lines in view', async () => {
    const { page, close } = await openLog();
    await lines(page).getByText('line 200000 of the log').waitFor();
    expect(await page.locator('.row').count()).toBeLessThan(200);
    await close();
  });

  it('finds a line by what is read of it, whatever its colours, and marks it', async () => {
    const { page, close } = await openLog();
    await page.getByLabel('Search the log').fill('LINE 123456 of');
    await page.getByText(/^1 of 200,0\d\d lines$/).waitFor();
    await lines(page).getByText('line 123456 of the log').waitFor();
    await page.getByLabel('Search the log').fill('123456');
    // The marks of the search before are there until this one has been made.
    await settles(
      () => lines(page).locator('mark').allTextContents(),
      (marks) => expect(marks).toEqual(['123456']),
    );
    await close();
  });

  it('goes from a line that was found to its place in the log, with a link to send', async () => {
    const { page, close } = await openLog();
    await page.getByLabel('Search the log').fill('line 100000 of');
    await page.getByText(/^1 of 200,0\d\d lines$/).waitFor();
    const link = lines(page).getByRole('link').first();
    const number = Number(await link.textContent());
    await link.click();
    expect(new URL(page.url()).hash).toBe(`#L${number}`);
    await lines(page).getByText('line 99999 of the log').waitFor();
    await page.locator('.row.linked').getByText('line 100000 of the log').waitFor();
    await close();
  });

  it('opens at the line that a link names', async () => {
    const { page, close } = await openLog('#L150000');
    await page.locator('.row.linked').waitFor();
    expect(await page.locator('.row.linked .line-number').textContent()).toBe('150000');
    await settles(
      () => page.getByLabel('Follow').isChecked(),
      (follows) => expect(follows).toBe(false),
    );
    await close();
  });

  it('is left at its end by the keyboard, and followed again', async () => {
    const { page, close } = await openLog();
    await lines(page).focus();
    await page.keyboard.press('Home');
    await lines(page).getByText('line 1 of the log', { exact: true }).waitFor();
    await settles(
      () => page.getByLabel('Follow').isChecked(),
      (follows) => expect(follows).toBe(false),
    );
    await page.getByLabel('Follow').check();
    await lines(page).getByText('line 200000 of the log').waitFor();
    await close();
  });

  it('is to be downloaded whole', async () => {
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
