import { mkdir } from 'node:fs/promises';
import { type Browser, chromium } from 'playwright-core';
import { readEnvironment } from '../../app/wiring/config/config.ts';
import { openStage, type Stage } from '../demo/stage.ts';
import { type BusyHarbour, playBusyHarbour } from './busy-harbour.ts';

const directory = 'docs/images';
/** Flags that stop Chromium from sending background requests. */
const args = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
];

/** Takes screenshots of every page of the dashboard, light and dark, from a server with data. */
async function takeScreenshots(): Promise<void> {
  await mkdir(directory, { recursive: true });
  const stage = await openStage();
  const browser = await chromium.launch({
    executablePath: readEnvironment().CHROMIUM ?? '/usr/bin/chromium',
    args,
  });
  try {
    const harbour = await playBusyHarbour(stage);
    for (const scheme of ['light', 'dark'] as const) {
      for (const [name, path] of Object.entries(pagesOf(stage, harbour))) {
        await picture(browser, stage, { name, path, scheme });
      }
    }
    const { workflows } = await stage.api.runs({ state: ['running', 'waiting', 'queued', 'provisioning'] });
    for (const { workflow_id: id } of workflows) await stage.api.cancelRun(id);
  } finally {
    await browser.close();
    await stage.close();
  }
}

function pagesOf({ projectName }: Stage, harbour: BusyHarbour): Readonly<Record<string, string>> {
  const of = `project=${projectName}`;
  const flaky = { suite: 'tide gauge', group: 'test', name: 'the tide gauge answers in time' };
  return {
    overview: '/',
    run: `/runs/${harbour.failedRun}`,
    log: `/runs/${harbour.longRun}`,
    stack: `/stacks/${harbour.stack}?${of}`,
    tests: `/tests?${of}`,
    test: `/tests/history?${of}&${new URLSearchParams(flaky)}`,
  };
}

async function picture(
  browser: Browser,
  { url, apiKey }: Stage,
  { name, path, scheme }: { name: string; path: string; scheme: 'light' | 'dark' },
): Promise<void> {
  const context = await browser.newContext({ colorScheme: scheme, viewport: { width: 1200, height: 860 } });
  const page = await context.newPage();
  await page.goto(`${url}${path}#key=${apiKey}`);
  await page.getByRole('button', { name: 'Sign out' }).waitFor();
  await page.locator('[aria-busy=true]').first().waitFor({ state: 'detached' });
  if (name === 'log') {
    await page.getByText(/200,0\d\d lines$/).waitFor({ timeout: 60_000 });
    await page.getByRole('region', { name: 'Log' }).scrollIntoViewIfNeeded();
  }
  await page.getByText(/reading \d+ more/).waitFor({ state: 'detached' });
  await page.getByRole('row').or(page.getByRole('log')).first().waitFor();
  await page.screenshot({ path: `${directory}/${name}-${scheme}.png`, animations: 'disabled' });
  await context.close();
}

await takeScreenshots();
