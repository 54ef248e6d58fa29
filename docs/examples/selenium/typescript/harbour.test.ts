/** Tests the harbour office in a real browser. With SHOW_FAILURE=1, one test fails on purpose to show a report. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { By, until } from 'selenium-webdriver';
import { withBrowser } from './with-browser.ts';

describe('the harbour office', () => {
  it('is shown by headless Chromium', (test) =>
    withBrowser(test, async ({ browser }) => {
      const capabilities = await browser.getCapabilities();
      assert.equal(capabilities.getBrowserName(), 'chrome');
      assert.equal(capabilities.get('platformName'), 'linux');
    }));

  it('runs JavaScript', (test) =>
    withBrowser(test, async ({ browser, pageUrl }) => {
      await browser.get(pageUrl);
      assert.equal(await browser.getTitle(), 'Harbour office');
      assert.deepEqual(await browser.executeScript('return [1, 2, 3].map((n) => n ** 2)'), [1, 4, 9]);
    }));

  it('gives a ship the shortest berth that fits', (test) =>
    withBrowser(test, async ({ browser, pageUrl }) => {
      await browser.get(pageUrl);
      await browser.findElement(By.name('ship')).sendKeys('Vasa');
      await browser.findElement(By.name('length')).sendKeys('31');
      await browser.findElement(By.css('form button')).click();
      const answer = await browser.findElement(By.css('[role=status]'));
      await browser.wait(until.elementTextIs(answer, 'Vasa has berth B1.'), 10_000);
    }));

  it('lets all berths be downloaded', (test) =>
    withBrowser(test, async ({ browser, pageUrl, downloads }) => {
      await browser.get(pageUrl);
      await browser.findElement(By.linkText('All berths as CSV')).click();
      const text = await browser.wait(
        () => readFile(join(downloads, 'berths.csv'), 'utf8').catch(() => ''),
        10_000,
      );
      assert.match(text, /^berth,metres\n/);
    }));

  it('leaves a screenshot where it fails', { skip: !process.env.SHOW_FAILURE }, (test) =>
    withBrowser(test, async ({ browser, pageUrl }) => {
      await browser.get(pageUrl);
      assert.equal(await browser.findElement(By.css('h1')).getText(), 'Titanic');
    }),
  );
});
