import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { branch, type Harbour, openHarbour, tests } from './harness/open-harbour.ts';
import { settles } from './harness/settles.ts';

let harbour: Harbour;
let green: string;
let failed: string;
let running: string;
let crashed: string;
let unprepared: string;

beforeAll(async () => {
  harbour = await openHarbour();
  green = await harbour.ran(tests);
  await harbour.ran({ ...tests, branch, env: { FAIL: 'drops the anchor' } });
  const env = { FAIL: '<img src=x onerror=document.title="gone"> furls the sails', SLOW: 'holds the line' };
  failed = await harbour.ran({ ...tests, branch, env });
  crashed = await harbour.ran({
    suite: 'crash',
    test_command: "seq 30; echo 'Error: the anchor is lost'; seq 30; echo the last line; exit 3",
  });
  unprepared = await harbour.ran({ suite: 'unprepared', setup: 'no-such-tool', test_command: 'true' });
  running = await harbour.run({ test_command: 'echo waits; sleep 600', suite: 'browser' });
});
afterAll(() => harbour?.close());

describe('the page of a run', () => {
  it('shows the failed tests first, and hostile names as text', async () => {
    const { page, complaints, close } = await harbour.visit(`/runs/${failed}`);
    await page.getByText('<img src=x onerror=document.title="gone"> furls the sails').first().waitFor();
    await settles(
      () => page.getByRole('heading', { level: 2 }).allTextContents(),
      (headings) =>
        expect(headings).toEqual([
          'Failed tests',
          'Compared with the last passing run on main',
          'Timeline',
          'Log',
        ]),
    );
    expect(await page.title()).toBe(`Failed: ${branch}, unit · Berth`);
    expect(await page.locator('main img').count()).toBe(0);
    expect(complaints()).toEqual([]);
    await close();
  });

  it('shows the first error and the end of the log of a crash, above everything else', async () => {
    const { page, close } = await harbour.visit(`/runs/${crashed}`);
    const cause = page.getByRole('region', { name: 'The test command failed' });
    await cause.locator('.first-error').getByText('Error: the anchor is lost').waitFor();
    await cause.getByText('the last line', { exact: true }).waitFor();
    await cause.getByText(/^\d+ lines not shown$/).waitFor();
    expect(await page.getByRole('heading', { level: 2 }).first().textContent()).toBe(
      'The test command failed',
    );
    await cause.locator('.first-error').getByRole('link').click();
    await page.getByRole('log').locator('.row.linked').getByText('Error: the anchor is lost').waitFor();
    await close();
  });

  it('has the first error of a long log on the first screen of a phone, with the number of its line', async () => {
    const id = await harbour.ran({
      suite: 'long',
      test_command:
        "seq -f 'a line that is too long for the width of a phone: %.0f' 12000; echo 'Error: no anchor'; exit 3",
    });
    const { page, close } = await harbour.visit(`/runs/${id}`, { viewport: { width: 390, height: 844 } });
    const error = page.getByRole('region', { name: 'Log excerpt' }).locator('.first-error');
    await error.getByRole('link', { name: /^Show line 12\d\d\d in the log$/ }).waitFor();
    const box = page.getByRole('region', { name: 'Log excerpt' });
    await settles(
      () => Promise.all([box, error, error.getByRole('link')].map((part) => part.boundingBox())),
      ([around, row, number]) => {
        expect([row?.height, number?.height]).toEqual([24, 24]);
        const bottom = (row?.y ?? Number.NaN) + 24;
        expect(bottom).toBeLessThanOrEqual((around?.y ?? Number.NaN) + (around?.height ?? Number.NaN));
        expect(bottom).toBeLessThan(844);
      },
    );
    await close();
  });

  it('shows a failed setup, and not the lines of an earlier phase', async () => {
    const { page, close } = await harbour.visit(`/runs/${unprepared}`);
    const cause = page.getByRole('region', { name: 'Setup failed' });
    await cause.locator('.first-error').getByText('no-such-tool: command not found').waitFor();
    await close();
  });

  it('compares with the last passing run of main', async () => {
    const { page, close } = await harbour.visit(`/runs/${failed}`);
    const comparison = page.getByRole('region', { name: 'Compared with the last passing run on main' });
    await comparison.getByText('1 newly failing').click();
    await comparison.getByText('furls the sails').waitFor();
    await comparison.getByText('1 fixed since the previous run').click();
    await comparison.getByText('drops the anchor').waitFor();
    await comparison.getByText('1 slower').click();
    await comparison.getByText('holds the line').waitFor();
    expect(await comparison.getByRole('link').first().getAttribute('href')).toBe(`/runs/${green}`);
    await page.getByText('New on this branch').waitFor();
    await close();
  });

  it('leaves out a comparison that says nothing', async () => {
    const { page, close } = await harbour.visit(`/runs/${green}`);
    await page.getByRole('region', { name: 'Log' }).waitFor();
    expect(await page.getByText('Compared with').count()).toBe(0);
    await close();
  });

  it('shows the steps of the run in the timeline', async () => {
    const { page, close } = await harbour.visit(`/runs/${failed}`);
    const steps = page.getByRole('region', { name: 'Timeline' }).getByRole('listitem');
    const names = ['Queued', 'Starting', 'Checkout', 'Tests', 'Upload'];
    await settles(
      () => steps.locator('.name').allTextContents(),
      (shown) => expect(shown).toEqual(names),
    );
    expect(await steps.nth(3).locator('.number').textContent()).toMatch(/\d (ms|s)$/);
    await close();
  });

  it('retests a finished run, and opens the new one', async () => {
    const { page, close } = await harbour.visit(`/runs/${failed}`);
    await page.getByRole('button', { name: 'Retest unit', exact: true }).click();
    await page.waitForURL((url) => !url.pathname.endsWith(failed));
    const before = page.getByRole('link', { name: 'Previous attempt' });
    expect(await before.getAttribute('href')).toBe(`/runs/${failed}`);
    await harbour.ended(new URL(page.url()).pathname.split('/').at(-1) ?? '');
    await close();
  });

  it('retests only the failed tests', async () => {
    const { page, close } = await harbour.visit(`/runs/${failed}`);
    await page.getByRole('button', { name: 'Retest 1 failed test', exact: true }).click();
    await page.waitForURL((url) => !url.pathname.endsWith(failed));
    const id = new URL(page.url()).pathname.split('/').at(-1) ?? '';
    const { body } = await harbour.server.call('GET', `/workflow/${id}`);
    expect(body).toMatchObject({ failed_only: true, retry_of: failed });
    await harbour.ended(id);
    await close();
  });

  it('retests the failed suites of its commit, from any of them', async () => {
    const broken = await harbour.ran({ test_command: 'exit 1', suite: 'load' });
    const { page, close } = await harbour.visit(`/runs/${green}`);
    await page.getByRole('navigation', { name: 'Suites of this commit' }).getByText('load').waitFor();
    await page.getByRole('button', { name: /^Retest \d failed suites$/ }).click();
    await page.waitForURL((url) => !url.pathname.endsWith(green));
    await page.getByRole('link', { name: 'Previous attempt' }).waitFor();
    const { body } = await harbour.server.call('GET', '/workflow?suite=load');
    expect(body.workflows).toMatchObject([{ retry_of: broken }, { workflow_id: broken }]);
    await close();
  });

  it('shows an active run, and cancels it', async () => {
    const doomed = await harbour.run({ test_command: 'sleep 600', suite: 'doomed' });
    const { page, close } = await harbour.visit(`/runs/${doomed}`);
    await page.getByRole('button', { name: 'Cancel run' }).click();
    await page.getByRole('button', { name: 'Retest doomed', exact: true }).waitFor();
    await page.getByRole('heading', { level: 1 }).getByText('Canceled').waitFor();
    await close();
  });

  it('keeps the focus of a person with a keyboard: while it cancels, after it has, and on the page of a retest', async () => {
    const doomed = await harbour.run({ test_command: 'sleep 600', suite: 'doomed' });
    const { page, close } = await harbour.visit(`/runs/${doomed}`);
    const focused = (name: string) =>
      page.getByRole('button', { name, exact: true }).and(page.locator(':focus')).waitFor();
    await page.getByRole('button', { name: 'Cancel run', disabled: false }).press('Enter');
    await focused('Retest doomed');
    await page.keyboard.press('Enter');
    await page.waitForURL((url) => !url.pathname.endsWith(doomed));
    await page.locator('main:focus').waitFor();
    await harbour.server.call('DELETE', `/workflow/${new URL(page.url()).pathname.split('/').at(-1)}`);
    await close();
  });

  it('announces the end of a run once, and no line of its log, and keeps what is on the page', async () => {
    const id = await harbour.run({
      test_command: 'for line in $(seq 20); do echo "line $line"; sleep 0.1; done; exit 1',
      suite: 'spoken',
    });
    const { page, close } = await harbour.visit(`/runs/${id}`);
    await page.getByRole('log').waitFor();
    await page.evaluate(`
      document.querySelector('[role=log]').dataset.seen = 'since the start';
      globalThis.spoken = [];
      new MutationObserver((changes) => {
        for (const { target } of changes) {
          const region = target.parentElement?.closest('[role=status], [role=alert], [aria-live=polite]') ?? target.closest?.('[role=status]');
          if (region?.textContent) globalThis.spoken.push(region.textContent);
        }
      }).observe(document.body, { subtree: true, childList: true, characterData: true });`);
    await page.getByRole('heading', { level: 2, name: 'The test command failed' }).waitFor();
    await page.locator('[data-seen="since the start"]').getByText('line 20', { exact: true }).waitFor();
    const spoken = await page.evaluate<string[]>('globalThis.spoken');
    expect(spoken.filter((text) => text.startsWith('Failed'))).toEqual([`Failed: main, spoken`]);
    expect(spoken.filter((text) => /line/.test(text))).toEqual([]);
    await close();
  });

  it('follows a live log, above the details', async () => {
    const { page, close } = await harbour.visit(`/runs/${running}`);
    await page.getByRole('log').getByText('waits', { exact: true }).waitFor();
    await page.getByText(/lines, live/).waitFor();
    expect(await page.getByRole('heading', { level: 2 }).first().textContent()).toBe('Log');
    await close();
  });

  it('stops following on Home, and follows again', async () => {
    const { page, close } = await harbour.visit(`/runs/${running}`);
    await page.getByRole('log').getByText('waits', { exact: true }).waitFor();
    await page.getByRole('log').focus();
    await page.keyboard.press('Home');
    await settles(
      () => page.getByLabel('Follow').isChecked(),
      (follows) => expect(follows).toBe(false),
    );
    await page.getByLabel('Follow').check();
    await close();
  });
});

describe('the artifacts of a run', () => {
  it('open in the browser, run their scripts, and cannot touch the session', async () => {
    const script = `
      const attempts = { cookie: document.cookie, storage: 'ok' };
      try { localStorage.setItem('a', '1'); } catch (error) { attempts.storage = String(error); }
      try { await fetch('URL/session', { credentials: 'include' }); attempts.session = 'read'; } catch { attempts.session = 'blocked'; }
      document.title = JSON.stringify(attempts);`;
    const id = await harbour.ran({
      suite: 'report',
      test_command: `mkdir -p report && printf '%s' "$PAGE" > report/index.html && printf '%s' "$SCRIPT" > report/a.js`,
      artifacts: ['report/**'],
      env: {
        PAGE: '<!doctype html><title>not run</title><script type="module" src="a.js"></script>',
        SCRIPT: script.replace('URL', harbour.server.url),
      },
    });
    const { page, close } = await harbour.visit(`/runs/${id}`);
    const opening = page.waitForEvent('popup');
    await page.getByRole('link', { name: 'report/index.html', exact: true }).click();
    const report = await opening;
    await settles(
      () => report.title(),
      (title) => expect(JSON.parse(title)).toEqual({ cookie: '', storage: 'ok', session: 'blocked' }),
    );
    expect(new URL(report.url()).hostname).not.toBe(new URL(harbour.server.url).hostname);
    const cookies = await page.context().cookies(report.url());
    expect(cookies).toEqual([]);
    await close();
  });
});
