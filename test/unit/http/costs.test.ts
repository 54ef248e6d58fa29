import { describe, expect, it } from '@jest/globals';
import { runId } from '../../../app/core/model/ids.ts';
import { monthOf } from '../../../app/lib/month.ts';
import { clientOf, httpWorld } from './http-world.ts';

async function shopWithCosts() {
  const w = httpWorld();
  const { project, client } = await w.shop({}, 'shop');
  const spend = (day: string, name: string, costUsd?: number) =>
    w.deps.store.costs.record({
      projectId: project.id,
      month: monthOf(new Date(day)),
      runId: runId(name),
      ...(costUsd === undefined ? {} : { costUsd }),
    });
  await spend('2025-11-30T23:59:59Z', 'a', 0.1);
  await spend('2025-12-01', 'b', 0.2);
  await spend('2025-12-31', 'c', 0.1);
  await spend('2025-12-31', 'd');
  await spend('2026-01-01', 'e', 0.000_000_4);
  return { w, project, client };
}

describe('GET /projects/{id}/costs', () => {
  it('adds up by month, in dollars to the sixth digit', async () => {
    const { client } = await shopWithCosts();
    const { status, body } = await client.get('/projects/shop/costs?from=2025-10&to=2025-12');
    expect(status).toBe(200);
    expect(body).toEqual({
      project_id: 'shop',
      months: [
        { month: '2025-10', runs: 0, cost_usd: 0, unpriced_runs: 0 },
        { month: '2025-11', runs: 1, cost_usd: 0.1, unpriced_runs: 0 },
        { month: '2025-12', runs: 3, cost_usd: 0.3, unpriced_runs: 1 },
      ],
      total: { runs: 4, cost_usd: 0.4, unpriced_runs: 1 },
      budgets: [],
      prices: { as_of: expect.stringMatching(/^\d{4}-\d\d/), source: expect.stringMatching(/^https:/) },
    });
  });

  it('covers the last twelve months by default', async () => {
    const { client } = await shopWithCosts();
    const { body } = await client.get('/projects/shop/costs');
    expect(body.months).toHaveLength(12);
    expect(body.months.at(0).month).toBe('2025-02');
    expect(body.months.at(-1)).toEqual({ month: '2026-01', runs: 1, cost_usd: 0, unpriced_runs: 0 });
  });

  it.each([
    ['from=2025-01', '2025-01', '2026-01'],
    ['to=2025-06', '2024-07', '2025-06'],
    ['from=2026-05', '2026-05', '2026-05'],
  ])('fills what %s leaves out', async (query, first, last) => {
    const { client } = await shopWithCosts();
    const { months } = (await client.get(`/projects/shop/costs?${query}`)).body;
    expect([months.at(0).month, months.at(-1).month]).toEqual([first, last]);
  });

  it.each(['from=2025-13', 'from=2025-1', 'from=soon', 'from=2026-02&to=2026-01', 'from=2000-01&to=2026-01'])(
    'rejects %s',
    async (query) => {
      const { client } = await shopWithCosts();
      expect(await client.get(`/projects/shop/costs?${query}`)).toMatchObject({
        status: 400,
        body: { code: 'invalid_request' },
      });
    },
  );

  it('rejects keys of other projects, and requests without a key', async () => {
    const { w } = await shopWithCosts();
    const { client: stranger } = await w.shop({}, 'other');
    expect((await stranger.get('/projects/shop/costs')).body).toMatchObject({ code: 'project_not_found' });
    expect((await clientOf(w.app).get('/projects/shop/costs')).status).toBe(401);
  });
});
