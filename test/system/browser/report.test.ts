import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { accessibilityFaults } from '../../helpers/accessibility-faults.ts';
import { headlessChromium, visitor } from '../../helpers/headless-chromium.ts';
import { makeRepository } from '../runner/harness/git-repository.ts';
import { runRunner } from '../runner/harness/run-runner.ts';

const hostile = `</script><script>document.title='gone'</script><img src=x onerror="document.title='gone'"><!--`;
const escaped = hostile.replaceAll('<', '&lt;').replaceAll('"', '&quot;');

const commit = `https://github.com/acme/shop/commit/${'c'.repeat(40)}`;

let browser: Browser;
let url: string;

beforeAll(async () => {
  const cases = Array.from({ length: 10_000 }, (_, i) => {
    const fault =
      i % 2_500 === 7
        ? `<failure message="${escaped}">${escaped}</failure>`
        : i % 50 === 3
          ? '<skipped/>'
          : i === 11
            ? '<flakyFailure message="once"/>'
            : '';
    const seconds = (10 ** ((i % 40) / 10 - 3)).toFixed(4);
    return `<testcase file="shop.test.js" line="${i + 1}" classname="shop.part${i % 20}" name="test ${i} ${escaped}" time="${seconds}">${fault}</testcase>`;
  });
  const repository = await makeRepository({
    'results.xml': `<testsuite>${cases.join('')}</testsuite>`,
    'hostile.txt': `${hostile}\n`,
    'shop.test.js': '',
  });
  const run = await runRunner({
    source: { kind: 'git', url: repository.url, branch: 'main' },
    project: hostile,
    suite: hostile,
    links: { commit },
    junit: ['results.xml'],
    artifacts: ['hostile.txt'],
    command: String.raw`touch results.xml; cat hostile.txt; printf '\033[31mred\033[0m \033]8;;https://example.com\033\\link\n'; exit 1`,
  });
  const path = join(await mkdtemp(join(tmpdir(), 'berth-test-report-')), 'report.html');
  await writeFile(path, run.report);
  url = pathToFileURL(path).href;
  browser = await headlessChromium();
});
afterAll(() => browser?.close());

interface Visit {
  readonly page: Page;
  /** The errors in the browser's console, and its requests other than the page. */
  readonly complaints: string[];
  close(): Promise<void>;
}

async function open(options: Parameters<Browser['newContext']>[0] = {}): Promise<Visit> {
  const context = await visitor(browser, options);
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('request', (request) => {
    if (request.url() !== url && !request.url().startsWith('data:')) complaints.push(request.url());
  });
  await page.goto(url);
  await page.getByRole('heading', { name: 'All tests' }).waitFor();
  return { page, complaints, close: () => context.close() };
}

const summary = (page: Page) => page.getByRole('status').textContent();

describe('a report of ten thousand hostile tests', () => {
  it('runs no script of the log, and requests nothing', async () => {
    const { page, complaints, close } = await open();
    expect(await page.title()).not.toBe('gone');
    expect(await page.locator('img').count()).toBe(0);
    expect(await page.locator('script').count()).toBe(2);
    expect(complaints).toEqual([]);
    await close();
  });

  it('shows them as they are called, the failed ones first', async () => {
    const { page, close } = await open();
    const headings = await page.getByRole('heading', { level: 2 }).allTextContents();
    expect(headings.slice(0, 3)).toEqual(['4 failed tests', 'Slowest tests', 'All tests']);
    expect(await page.locator('.failure-name').allTextContents()).toEqual(
      [7, 2_507, 5_007, 7_507].map((number) => `test ${number} ${hostile}`),
    );
    expect(await page.locator('.log').textContent()).toContain(hostile);
    await close();
  });

  it('keeps the colors of the log, and none of its control sequences', async () => {
    const { page, close } = await open();
    expect(await page.locator('.log .ansi-1').textContent()).toBe('red');
    expect(await page.locator('.log').textContent()).toContain('red link');
    await close();
  });

  it('finds tests by words, outcome and order, a page at a time', async () => {
    const { page, close } = await open();
    expect(await summary(page)).toBe('10,000 tests, 1 to 50 shown');
    expect(await page.locator('tbody tr').count()).toBe(50);

    await page.getByRole('button', { name: 'Next' }).click();
    expect(await summary(page)).toBe('10,000 tests, 51 to 100 shown');

    await page.getByRole('button', { name: 'failed 4' }).click();
    expect(await summary(page)).toBe('4 tests, 1 to 4 shown');

    await page.getByRole('button', { name: 'flaky 1' }).click();
    expect(await summary(page)).toBe('1 test, 1 to 1 shown');
    expect(await page.locator('tbody tr').textContent()).toMatch(/^test 11 .*passed flaky/s);

    await page.getByRole('button', { name: 'all 10,000' }).click();
    await page.getByLabel('Search tests').fill('PART7 9');
    expect(await summary(page)).toMatch(/^\d+ tests, 1 to 50 shown$/);
    await page.getByLabel('Search tests').fill('no such name');
    expect(await summary(page)).toBe('0 tests');

    await page.getByLabel('Search tests').fill('');
    await page.getByLabel('Order').selectOption('slowest');
    expect(await page.locator('tbody tr').first().textContent()).toContain('test 39 ');
    await close();
  });

  it('leads from a failed test in the list to what it said, and from there to its line in the commit', async () => {
    const { page, close } = await open();
    const folded = page.locator('details.failure:not([open])');
    await page.getByRole('button', { name: 'Collapse all', exact: true }).click();
    expect(await folded.count()).toBe(4);

    await page.getByRole('button', { name: 'failed 4' }).click();
    await page.getByRole('link', { name: 'test 5007 ' }).click();
    expect(await folded.count()).toBe(3);
    const source = page.locator('details.failure[open] .place a');
    expect(await source.textContent()).toBe('shop.test.js:5008');
    expect(await source.getAttribute('href')).toBe(
      `https://github.com/acme/shop/blob/${'c'.repeat(40)}/shop.test.js#L5008`,
    );

    await page.getByRole('button', { name: 'Expand all' }).click();
    expect(await folded.count()).toBe(0);
    await close();
  });

  it.each(['light', 'dark'] as const)('is accessible in %s', async (colorScheme) => {
    const { page, close } = await open({ colorScheme });
    expect(await accessibilityFaults(page)).toEqual([]);
    await close();
  });

  it('fits on a phone', async () => {
    const { page, close } = await open({ viewport: { width: 360, height: 700 } });
    const widths = await page.evaluate<number[]>('[document.documentElement.scrollWidth, innerWidth]');
    expect(widths).toEqual([360, 360]);
    await close();
  });
});
