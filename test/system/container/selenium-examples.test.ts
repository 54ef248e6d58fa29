import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { type BerthEnd, berth } from '../../helpers/berth-process.ts';
import { commitAll } from '../../helpers/git-repository.ts';
import { headlessChromium } from '../../helpers/headless-chromium.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../../helpers/temporary-directory.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const example = join(root, 'docs/examples/selenium');
/** The folder of the pictures for people. */
const pictures = join(root, '.cache/container/pictures');
const image = process.env.BERTH_BROWSER_IMAGE ?? 'berth-runner:browser';

/** The results of each suite, including a test that fails on purpose. */
const suites = [
  {
    name: 'python',
    tests: 9,
    failed: 'test_failure_leaves_a_screenshot',
    reports: ['test-results/report-python.html'],
  },
  { name: 'typescript', tests: 5, failed: 'leaves a screenshot where it fails', reports: [] },
];

let home: TemporaryDirectory;
let repository: string;
let browser: Browser;
beforeAll(async () => {
  home = await temporaryDirectory();
  repository = join(home.path, 'selenium');
  await cp(example, repository, { recursive: true });
  const settings = join(repository, '.github/berth.yml');
  const text = await readFile(settings, 'utf8');
  await writeFile(settings, text.replace('berth-runner:browser', image));
  await commitAll(repository);
  await mkdir(pictures, { recursive: true });
  browser = await headlessChromium();
});
afterAll(async () => {
  await browser?.close();
  await home.remove();
});

/** Runs them like a user, with no network in the task. */
function runSuite(name: string, ...more: readonly string[]): Promise<BerthEnd> {
  return berth(['run', '--local', '--suite', name, ...more], {
    directory: repository,
    env: {
      HOME: home.path,
      TMPDIR: home.path,
      BERTH_EXECUTOR: 'docker',
      BERTH_DOCKER_NETWORK: 'none',
      BERTH_DOCKER_READONLY: 'true',
      BERTH_RUNNER_IMAGE: image,
      ...(process.env.DOCKER_HOST === undefined ? {} : { DOCKER_HOST: process.env.DOCKER_HOST }),
    },
  });
}

async function opened(report: string): Promise<{ page: Page; complaints: string[] }> {
  const page = await browser.newPage({ viewport: { width: 1100, height: 900 } });
  const complaints: string[] = [];
  page.on('console', (message) => complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
  await page.goto(pathToFileURL(report).href);
  return { page, complaints };
}

describe.each(suites)('the Selenium example in $name, in a container without a network', (suite) => {
  it('passes but for the test that fails on purpose, which the report shows with a screenshot', async () => {
    const report = join(home.path, `${suite.name}.html`);
    const { exitCode, err } = await runSuite(suite.name, '--env', 'SHOW_FAILURE=1', '--report', report);
    expect({ exitCode, err }).toMatchObject({
      exitCode: 1,
      err: expect.stringContaining(`1 of ${suite.tests} tests failed`),
    });

    const { page, complaints } = await opened(report);
    expect(await page.locator('.failure-name').allTextContents()).toEqual([suite.failed]);
    const widths = await page.evaluate<number[]>(
      "[...document.querySelectorAll('.failure img')].map((image) => image.naturalWidth)",
    );
    expect(widths).toEqual([expect.any(Number)]);
    expect(widths[0]).toBeGreaterThan(900);
    for (const name of suite.reports) expect(await page.content()).toContain(name);
    expect(complaints).toEqual([]);
    await page.screenshot({ path: join(pictures, `selenium-${suite.name}.png`), fullPage: true });
    await page.close();
  });
});
