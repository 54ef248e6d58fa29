import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { setupRoutes } from '../../../app/http/routes/setup.ts';
import { accessibilityFaults } from '../../helpers/accessibility-faults.ts';
import { visitor } from '../../helpers/headless-chromium.ts';
import { layoutShifts } from '../../helpers/layout-shift.ts';
import { branch, type Harbour, openHarbour, tests } from './harness/open-harbour.ts';

let harbour: Harbour;
let failed: string;
let crashed: string;

beforeAll(async () => {
  harbour = await openHarbour();
  await harbour.server.call('PATCH', '/projects/default', { settings: { maxStacks: 2 } });
  await harbour.ran(tests);
  failed = await harbour.ran({ ...tests, branch, env: { FAIL: 'drops the anchor' } });
  crashed = await harbour.ran({
    suite: 'crash',
    test_command: "echo one; echo 'Error: cannot find the anchor'; exit 3",
  });
  const body = { branch, holder: 'deploy', leaseSeconds: 600 };
  await harbour.server.call('POST', '/requestStack', body);
  await harbour.server.call('POST', '/requestStack', { branch, holder: 'other' });
  await harbour.server.call('POST', '/requestStack', { branch, holder: 'patient', wait: true });
});
afterAll(() => harbour?.close());

const history = new URLSearchParams({
  project: 'default',
  suite: 'unit',
  group: 'test',
  name: 'drops the anchor',
});
const pages: [string, () => string][] = [
  ['the overview', () => '/'],
  ['a run', () => `/runs/${failed}`],
  ['the stacks', () => '/stacks'],
  ['a stack', () => '/stacks/test-1'],
  ['the tests', () => '/tests'],
  ['the history of a test', () => `/tests/history?${history}`],
  ['the trends', () => '/trends'],
  ['a run that did not print results', () => `/runs/${crashed}`],
];
const desktop = { width: 1200, height: 900 };
const phone = { width: 390, height: 844 };

async function open(path: string, options: Parameters<Harbour['visit']>[1]) {
  const visit = await harbour.visit(path, options);
  await visit.page
    .getByRole('row')
    .or(visit.page.getByRole('log'))
    .or(visit.page.getByRole('list'))
    .first()
    .waitFor();
  await visit.page.locator('[aria-busy=true]').first().waitFor({ state: 'detached' });
  return visit;
}

describe('the page of the API', () => {
  it.each(['light', 'dark'] as const)('shows every route, and is accessible, %s', async (colorScheme) => {
    const context = await visitor(harbour.browser, { colorScheme, viewport: desktop });
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
    // No one has to sign in.
    await page.goto(`${harbour.server.url}/docs`);
    await page.getByText('/workflow/execute').first().waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.getByRole('heading', { name: 'Run tests of a branch' }).click();
    await page.getByText('"test_command": "npm ci && npm test"').waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    expect(complaints).toEqual([]);
    await context.close();
  });
});

describe('the pages for people without a session, and those of errors', () => {
  it.each(['light', 'dark'] as const)('are accessible, %s', async (colorScheme) => {
    const { page, close } = await harbour.visit('/nothing', { colorScheme, viewport: desktop });
    for (const path of ['/nothing', '/runs/nothing', '/stacks/nothing']) {
      await page.goto(harbour.server.url + path);
      await page.getByRole('heading', { name: 'not found' }).waitFor();
      expect(await accessibilityFaults(page)).toEqual([]);
    }
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByLabel('API key').waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.goto(`${harbour.server.url}/workflow/${failed}/report`);
    await page.getByRole('heading').waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.setContent(await setupPage());
    await page.getByRole('button', { name: 'Create the GitHub App' }).waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    await close();
  });
});

/** The page on which a person connects a server without an App with GitHub. */
async function setupPage(): Promise<string> {
  const unused = () => Promise.reject(new Error('No one registers an App here.'));
  const routes = setupRoutes({
    token: 'token',
    publicUrl: 'http://127.0.0.1:3000',
    githubUrl: 'https://github.com',
    checkReady: () => undefined,
    convert: unused,
    configured: unused,
  });
  return (await routes.request('/setup?token=token')).text();
}

describe('a text for screen readers', () => {
  it('makes no page wider, even after a line that fills it', async () => {
    const { page, close } = await open('/', { viewport: phone });
    const overflow = await page.evaluate<number>(`
      document.body.insertAdjacentHTML('beforeend', '<p class="full"><span></span><i class="hidden">Failed</i></p>');
      Object.assign(document.querySelector('.full').style, { position: 'absolute', left: 0, margin: 0, whiteSpace: 'nowrap' });
      Object.assign(document.querySelector('.full span').style, { display: 'inline-block', width: '100vw' });
      document.documentElement.scrollWidth - innerWidth`);
    expect(overflow).toBeLessThanOrEqual(0);
    await close();
  });
});

describe('the help for keys', () => {
  it('opens by ?, except in a text field, and can be turned off', async () => {
    const { page, close } = await open('/', { viewport: desktop });
    const help = page.getByRole('dialog', { name: 'Keyboard shortcuts' });
    await page.getByLabel('Branch').press('?');
    expect(await page.getByLabel('Branch').inputValue()).toBe('?');
    await page.getByRole('link', { name: 'Runs' }).press('?');
    await help.waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    await help.getByRole('checkbox').uncheck();
    await page.keyboard.press('Escape');
    await page.getByRole('link', { name: 'Runs' }).press('?');
    expect(await help.isVisible()).toBe(false);
    await page.getByRole('button', { name: 'Shortcuts' }).click();
    await help.getByRole('button', { name: 'Close' }).click();
    expect(await help.isVisible()).toBe(false);
    await close();
  });

  it('does not open by a ? that follows immediately after it was turned off', async () => {
    const { page, close } = await open('/', { viewport: desktop });
    const opensAgain = await page.evaluate<boolean>(`(async () => {
      const help = document.querySelector('dialog[aria-labelledby=keyboard-help]');
      help.showModal();
      help.querySelector('input').click();
      await Promise.resolve().then(() => undefined);
      help.close();
      document.querySelector('a').dispatchEvent(new KeyboardEvent('keydown', { key: '?', bubbles: true }));
      return help.open;
    })()`);
    expect(opensAgain).toBe(false);
    await close();
  });
});

describe.each(pages)('the page of %s', (_, path) => {
  it.each(['light', 'dark'] as const)(
    'is usable with a screen reader, %s, even on a phone',
    async (scheme) => {
      for (const viewport of [desktop, phone]) {
        const { page, close } = await open(path(), { colorScheme: scheme, viewport });
        expect(await accessibilityFaults(page)).toEqual([]);
        const overflow = await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth');
        expect(overflow).toBeLessThanOrEqual(0);
        await close();
      }
    },
  );

  it.each([
    ['a desktop', desktop],
    ['a phone', phone],
  ])('moves nothing while it loads, on %s', async (__, viewport) => {
    const { page, close } = await open(path(), { viewport });
    // A shift is reported by the frame after it.
    await page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))');
    const shifts = await layoutShifts(page);
    const sum = shifts.reduce((total, { value }) => total + value, 0);
    // What Google calls good is 0.1; https://web.dev/articles/cls
    expect({ isStill: sum < 0.02, shifts: sum < 0.02 ? [] : shifts }).toEqual({ isStill: true, shifts: [] });
    await close();
  });

  it('can be used by keyboard, with a visible focus', async () => {
    const { page, close } = await open(path(), { viewport: desktop });
    const seen: string[] = [];
    for (let step = 0; step < 12; step += 1) {
      await page.keyboard.press('Tab');
      const name = await page.evaluate<string>(focused);
      // The end of a short page.
      if (name === '') break;
      seen.push(name);
    }
    expect(seen[0]).toBe('Skip to content, seen');
    expect(seen.filter((text) => !text.endsWith(', seen'))).toEqual([]);
    await close();
  });
});

/** The element with the focus, and whether a ring is around it. */
const focused = `(() => {
  const element = document.activeElement;
  if (element === document.body) return '';
  const name = (element.textContent || element.getAttribute('aria-label') || element.name || element.tagName).trim();
  const { outlineStyle, outlineWidth } = getComputedStyle(element);
  const isSeen = outlineStyle !== 'none' && outlineWidth !== '0px';
  return name.slice(0, 40) + (isSeen ? ', seen' : ', unseen');
})()`;
