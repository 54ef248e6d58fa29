import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { branch, type Harbour, openHarbour, tests } from './harness/open-harbour.ts';
import { settles } from './harness/settles.ts';

let harbour: Harbour;
let green: string;
let failed: string;
let running: string;

beforeAll(async () => {
  harbour = await openHarbour();
  green = await harbour.ran(tests);
  await harbour.ran({ ...tests, branch, env: { FAIL: 'drops the anchor' } });
  const env = { FAIL: '<img src=x onerror=document.title="gone"> furls the sails', SLOW: 'holds the line' };
  failed = await harbour.ran({ ...tests, branch, env });
  running = await harbour.run({ test_command: 'echo waits; sleep 600', suite: 'browser' });
});
afterAll(() => harbour?.close());

describe('the page of a run', () => {
  it('shows the failed test before anything else, and hostile names as text', async () => {
    const { page, complaints, close } = await harbour.visit(`/runs/${failed}`);
    await page.getByText('<img src=x onerror=document.title="gone"> furls the sails').first().waitFor();
    await settles(
      () => page.getByRole('heading', { level: 2 }).allTextContents(),
      (headings) =>
        expect(headings).toEqual(['Tests', 'Beside the last green run of main', 'Timeline', 'Log']),
    );
    expect(await page.title()).toBe(`Failed: ${branch}, unit · Berth`);
    expect(await page.locator('main img').count()).toBe(0);
    expect(complaints()).toEqual([]);
    await close();
  });

  it('says what broke, what was mended and what got slower since the last green run of main', async () => {
    const { page, close } = await harbour.visit(`/runs/${failed}`);
    const comparison = page.getByRole('region', { name: 'Beside the last green run of main' });
    await comparison.getByText('1 newly failing').click();
    await comparison.getByText('furls the sails').waitFor();
    await comparison.getByText('1 fixed since the run before').click();
    await comparison.getByText('drops the anchor').waitFor();
    await comparison.getByText('1 slower tests').click();
    await comparison.getByText('holds the line').waitFor();
    expect(await comparison.getByRole('link').first().getAttribute('href')).toBe(`/runs/${green}`);
    await page.getByText('new on this branch').waitFor();
    await close();
  });

  it('shows each step of its life in the timeline', async () => {
    const { page, close } = await harbour.visit(`/runs/${failed}`);
    const steps = page.getByRole('region', { name: 'Timeline' }).getByRole('listitem');
    const names = ['queued', 'waiting', 'provisioning', 'cloning', 'testing', 'uploading'];
    await settles(
      () => steps.locator('.name').allTextContents(),
      (shown) => expect(shown).toEqual(names),
    );
    expect(await steps.nth(4).locator('.number').textContent()).toMatch(/\d (ms|s)$/);
    expect(await steps.nth(1).locator('.number').textContent()).toBe('–');
    await close();
  });

  it('retests a run that has ended, and goes to the new one', async () => {
    const { page, close } = await harbour.visit(`/runs/${failed}`);
    await page.getByRole('button', { name: 'Retest', exact: true }).click();
    await page.waitForURL((url) => !url.pathname.endsWith(failed));
    const before = page.getByRole('link', { name: 'The run before' });
    expect(await before.getAttribute('href')).toBe(`/runs/${failed}`);
    await harbour.ended(new URL(page.url()).pathname.split('/').at(-1) ?? '');
    await close();
  });

  it('retests the failed suites of its commit, from any of them', async () => {
    const broken = await harbour.ran({ test_command: 'exit 1', suite: 'load' });
    const { page, close } = await harbour.visit(`/runs/${green}`);
    await page.getByRole('navigation', { name: 'Suites of this commit' }).getByText('load').waitFor();
    await page.getByRole('button', { name: 'Retest failed' }).click();
    await page.waitForURL((url) => !url.pathname.endsWith(green));
    await page.getByRole('link', { name: 'The run before' }).waitFor();
    const { body } = await harbour.server.call('GET', '/workflow?suite=load');
    expect(body.workflows).toMatchObject([{ retry_of: broken }, { workflow_id: broken }]);
    await close();
  });

  it('shows a run that goes on as it is, and cancels it', async () => {
    const doomed = await harbour.run({ test_command: 'sleep 600', suite: 'doomed' });
    const { page, close } = await harbour.visit(`/runs/${doomed}`);
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.getByRole('button', { name: 'Retest', exact: true }).waitFor();
    await page.getByRole('heading', { level: 1 }).getByText('Cancelled').waitFor();
    await close();
  });

  it('follows a live log', async () => {
    const { page, close } = await harbour.visit(`/runs/${running}`);
    await page.getByRole('log').getByText('waits', { exact: true }).waitFor();
    await page.getByText(/lines, live/).waitFor();
    await close();
  });
});
