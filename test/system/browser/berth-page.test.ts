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

const open = () => harbour.visit('/berths/test-1');

describe('the page of a berth', () => {
  it('tells who has it and for how long, who waits at which place, and what is deployed', async () => {
    await request('deploy', { leaseSeconds: 600 });
    const deployed = { stackName: 'test-1', lastDeployedCommit: 'abcdef0123' };
    await harbour.server.call('POST', '/setLastDeployedCommit', deployed);
    await request('patient', { branch: 'feature/mooring', wait: true });
    const { page, complaints, close } = await open();
    await page.getByText('Held by API client deploy for main.').waitFor();
    await page.getByText(/^(10 m 0 s|[0-9] m \d+ s) left$/).waitFor();
    const line = page.getByRole('list', { name: 'Waiting line' }).getByRole('listitem');
    expect(await line.textContent()).toMatch(/^feature\/mooring API client patient, asked /);
    expect(await line.getAttribute('value')).toBe('1');
    const holds = page.getByRole('table').first().getByRole('row');
    await holds.nth(1).getByText('abcdef0').waitFor();
    expect(complaints()).toEqual([]);
    await close();
  });

  it('gives the lease another hour', async () => {
    const { page, close } = await open();
    await page.getByRole('button', { name: 'Extend by an hour' }).click();
    await page.getByText(/^1 h \d+ m left$/).waitFor();
    await close();
  });

  it('reclaims it for who is next in line, when it is asked once more', async () => {
    const { page, close } = await open();
    await page.getByRole('button', { name: 'Reclaim …' }).click();
    await page.getByRole('button', { name: 'Keep' }).click();
    await page.getByRole('button', { name: 'Reclaim …' }).click();
    await page.getByRole('button', { name: 'Take it from its holder' }).click();
    await page.getByText('Held by API client patient for feature/mooring.').waitFor();
    await page.getByText('Nobody waits.').waitFor();
    const holds = page.getByRole('table').first().getByRole('row');
    await holds.nth(2).getByText('API client deploy').waitFor();
    expect(await holds.nth(1).textContent()).toContain('API client patient');
    // Held without a lease: there is nothing to extend.
    expect(await page.getByRole('button', { name: 'Extend by an hour' }).isDisabled()).toBe(true);
    await close();
  });

  it('releases it, by the keyboard', async () => {
    const { page, close } = await open();
    // Until it is known what this person may do the button is disabled, and takes no focus.
    await page.getByRole('button', { name: 'Release', disabled: false }).focus();
    await page.keyboard.press('Enter');
    await page.getByText('feature/mooring had it last.').waitFor();
    expect(await page.getByRole('button', { name: 'Release' }).isDisabled()).toBe(true);
    await close();
  });

  it('cancels what runs on it, where it is reclaimed', async () => {
    const id = await harbour.run({ test_command: 'sleep 600' });
    const { page, close } = await open();
    await page.getByRole('button', { name: 'Reclaim …' }).click();
    await page.getByRole('button', { name: /1 run is cancelled/ }).click();
    await harbour.ended(id);
    await page.getByText('main had it last.').waitFor();
    const { body } = await harbour.server.call('GET', `/workflow/${id}`);
    expect(body).toMatchObject({ state: 'cancelled', summary: 'The stack test-1 was reclaimed.' });
    await close();
  });

  it('says so where there is no such berth', async () => {
    const { page, close } = await harbour.visit('/berths/test-9');
    await page.getByRole('heading', { name: 'There is no such berth' }).waitFor();
    await close();
  });
});
