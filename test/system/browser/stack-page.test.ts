import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Harbour, openHarbour } from './harness/open-harbour.ts';

let harbour: Harbour;

beforeAll(async () => {
  harbour = await openHarbour();
  await harbour.server.call('PATCH', '/projects/default', { settings: { maxStacks: 1 } });
});
afterAll(() => harbour?.close());

async function request(holder: string, more: Readonly<Record<string, unknown>> = {}) {
  const body = { branch: 'main', holder, ...more };
  return (await harbour.server.call('POST', '/requestStack', body)).body;
}

const open = () => harbour.visit('/stacks/test-1');

describe('the page of a stack', () => {
  it('shows its holder, lease, deployed commit and queue', async () => {
    await request('deploy', { leaseSeconds: 600 });
    const deployed = { stackName: 'test-1', lastDeployedCommit: 'abcdef0123' };
    await harbour.server.call('POST', '/setLastDeployedCommit', deployed);
    await request('patient', { branch: 'feature/mooring', wait: true });
    const { page, complaints, close } = await open();
    await page.getByText('Held by API client deploy for main.').waitFor();
    await page.getByText(/^(10 m 0 s|[0-9] m \d+ s) left$/).waitFor();
    const line = page.getByRole('list', { name: 'Queue' }).getByRole('listitem');
    expect(await line.textContent()).toMatch(/^feature\/mooring API client patient, requested /);
    expect(await line.getAttribute('value')).toBe('1');
    const holds = page.getByRole('table').first().getByRole('row');
    await holds.nth(1).getByText('abcdef0').waitFor();
    expect(complaints()).toEqual([]);
    await close();
  });

  it('shows the outputs of its deployment, and links those that are addresses', async () => {
    const outputs = 'printf "region=eu\\nadmin=https://admin.example.com/\\n" >> "$BERTH_OUTPUT"';
    const deploy = { command: outputs, url: 'https://{stack}.example.com/' };
    const id = await harbour.run({ test_command: 'true', holder: 'deploy', deploy });
    await harbour.ended(id);
    const { page, complaints, close } = await open();
    const fact = (term: string) =>
      page.locator('dl.facts > *', { has: page.getByText(term, { exact: true }) });
    expect(await fact('region').locator('code').textContent()).toBe('eu');
    expect(await fact('admin').getByRole('link').getAttribute('href')).toBe('https://admin.example.com/');
    expect(await fact('URL').getByRole('link').textContent()).toBe('https://test-1.example.com/');
    expect(complaints()).toEqual([]);
    await close();
  });

  it('extends the lease by an hour, and leaves the focus where it is', async () => {
    const { page, close } = await open();
    const button = page.getByRole('button', { name: 'Extend by 1 hour', disabled: false });
    await button.press('Enter');
    await page.getByText(/^1 h \d+ m left$/).waitFor();
    await button.and(page.locator(':focus')).waitFor();
    await close();
  });

  it('force-releases it for the next in the queue, after a confirmation', async () => {
    const { page, close } = await open();
    await page.getByRole('button', { name: 'Force release…' }).click();
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.getByRole('button', { name: 'Force release…' }).click();
    await page.getByRole('button', { name: 'Force release', exact: true }).click();
    await page.getByText('Held by API client patient for feature/mooring.').waitFor();
    await page.getByText('Queue is empty').waitFor();
    const holds = page.getByRole('table').first().getByRole('row');
    await holds.nth(2).getByText('API client deploy').waitFor();
    expect(await holds.nth(1).textContent()).toContain('API client patient');
    await close();
  });

  it('asks in a way that a second Enter does no harm, and returns the focus', async () => {
    const { page, close } = await open();
    const button = (name: string) => page.getByRole('button', { name, exact: true });
    const hasFocus = (name: string) => button(name).and(page.locator(':focus')).waitFor();
    await page.getByRole('button', { name: 'Force release…', disabled: false }).waitFor();
    await button('Force release…').focus();
    await page.keyboard.press('Enter');
    await hasFocus('Cancel');
    await page.keyboard.press('Enter');
    await hasFocus('Force release…');
    await page.keyboard.press('Enter');
    await hasFocus('Cancel');
    await page.keyboard.press('Escape');
    await hasFocus('Force release…');
    await button('Reserve…').focus();
    await page.keyboard.press('Enter');
    await page.getByLabel('Reason').and(page.locator(':focus')).waitFor();
    await page.keyboard.press('Escape');
    await hasFocus('Reserve…');
    await page.getByText('Held by API client patient for feature/mooring.').waitFor();
    await close();
  });

  it('releases it by keyboard', async () => {
    const { page, close } = await open();
    // The button is disabled, and takes no focus, until the access of the caller is known.
    await page.getByRole('button', { name: 'Release', exact: true, disabled: false }).focus();
    await page.keyboard.press('Enter');
    await page.getByText('Available. Last branch: feature/mooring.').waitFor();
    expect(await page.getByRole('button', { name: 'Release', exact: true }).isDisabled()).toBe(true);
    await close();
  });

  it('cancels its runs when it is force-released', async () => {
    const id = await harbour.run({ test_command: 'sleep 600' });
    const { page, close } = await open();
    await page.getByRole('button', { name: 'Force release…' }).click();
    await page.getByRole('button', { name: 'Force release and cancel 1 run' }).click();
    await harbour.ended(id);
    await page.getByText('Available. Last branch: main.').waitFor();
    const { body } = await harbour.server.call('GET', `/workflow/${id}`);
    expect(body).toMatchObject({ state: 'cancelled', summary: 'The stack test-1 was reclaimed.' });
    await close();
  });

  it('says so if there is no such stack', async () => {
    const { page, close } = await harbour.visit('/stacks/test-9');
    await page.getByRole('heading', { name: 'Stack not found' }).waitFor();
    await close();
  });

  it('is where links of version 0.1.0 lead', async () => {
    const { page, close } = await harbour.visit('/berths/test-1');
    await page.waitForURL((url) => url.pathname === '/stacks/test-1');
    await page.getByRole('heading', { name: /test-1/ }).waitFor();
    await close();
  });
});
