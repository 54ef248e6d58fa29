import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Harbour, openHarbour } from './harness/open-harbour.ts';
import { aYearOnFargate } from './harness/runs-on-fargate.ts';
import { settles } from './harness/settles.ts';

const year = aYearOnFargate(new Date());
let harbour: Harbour;

beforeAll(async () => {
  harbour = await openHarbour(async (store) => {
    for (const run of year) await store.runs.create(run);
  });
  // The server's sweep settles them, and records their costs.
  await settles(
    async () => (await harbour.server.call('GET', '/projects/default/costs')).body.total,
    (total) => expect(total).toMatchObject({ runs: year.length }),
  );
});
afterAll(() => harbour?.close());

describe('the cost of a project', () => {
  it.each([
    ['a desktop', { width: 1200, height: 900 }],
    ['a phone', { width: 390, height: 844 }],
  ])(
    'is shown by month on %s: large amounts, months without any, and a small fraction of a cent',
    async (_, viewport) => {
      const { page, complaints, close } = await harbour.visit('/trends', { viewport });
      const costs = page.getByRole('img', { name: /^Estimated cost by month/ });
      await costs.waitFor();
      const amounts = `${await costs.getAttribute('aria-label')}`.match(/\$[\d,.]*\d/g) ?? [];
      expect(amounts).toHaveLength(12);
      expect(amounts.filter((amount) => amount === '$0')).toHaveLength(2);
      expect(amounts.at(-1)).toMatch(/^\$0\.0000\d$/);
      expect(Math.max(...amounts.map((amount) => Number(amount.replace(/[$,]/g, ''))))).toBeGreaterThan(100);
      await page.getByText('Estimated cost this month').waitFor();
      await page
        .getByText(`${amounts.at(-1)}`, { exact: false })
        .first()
        .waitFor();
      expect(complaints()).toEqual([]);
      await close();
    },
  );

  it('draws a bar for every month with costs, and none for the others', async () => {
    const { page, close } = await harbour.visit('/trends');
    const bars = page.locator('svg[aria-label^="Estimated cost by month"] .bar');
    const months = () => bars.evaluateAll((all) => all.map((bar) => Number(bar.getAttribute('height')) > 0));
    const costly = [0, 1, 2, 4, 6, 7, 8, 9, 10, 11];
    await settles(months, (drawn) =>
      expect(drawn.flatMap((isDrawn, month) => (isDrawn ? [month] : []))).toEqual(costly),
    );
    await close();
  });

  it('is shown on the page of a run, however small', async () => {
    const { page, close } = await harbour.visit('/runs/fargate-small');
    await page.getByText('Estimated cost').waitFor();
    await page.getByText(/^\$0\.0000\d$/).waitFor();
    await close();
  });
});
