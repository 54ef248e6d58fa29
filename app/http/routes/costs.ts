import { z } from '@hono/zod-openapi';
import type { BudgetState } from '../../core/model/budget.ts';
import { BerthError } from '../../core/model/errors.ts';
import { fargatePrices } from '../../core/model/fargate-prices.ts';
import type { CostTotal } from '../../core/model/run-cost.ts';
import { totalCosts } from '../../core/results/total-costs.ts';
import { type Month, monthAfter, monthOf } from '../../lib/month.ts';
import { addEndpoint } from '../add-endpoint.ts';
import type { Api } from '../api.ts';
import { jsonAnswer } from '../describe-endpoint.ts';
import { monthInQuery, projectCostsSchema } from '../schemas/costs.ts';
import { projectRead } from './route-kinds.ts';

/** Without a range: a year, the current month included. */
const defaultMonths = 12;
/** Each month is a separate query. */
const mostMonths = 36;

/** `GET /projects/{id}/costs`. */
export function addCostRoutes(api: Api): void {
  addEndpoint(
    api,
    {
      ...projectRead,
      id: 'getProjectCosts',
      path: '/projects/{id}/costs',
      summary: "Show the costs of a project's runs by month",
      description: `The estimated cost of tasks on Fargate, by the month (UTC) in which the run ended. Tasks on your own machine cost nothing and are not counted. Without a range: the last ${defaultMonths} months.`,
      query: z.object({ from: monthInQuery.optional(), to: monthInQuery.optional() }),
      responses: jsonAnswer(200, 'The months and their total.', projectCostsSchema),
    },
    async (c, { target: { project, caller }, query }) => {
      const range = rangeOf(query, monthOf(api.deps.clock.now()));
      const { months, total } = await totalCosts(api.deps, project.id, range);
      return c.json({
        project_id: project.id,
        months: months.map(({ month, ...sum }) => ({ month, ...totalView(sum) })),
        total: totalView(total),
        budgets: ((await api.deps.budgets?.statesOf(project)) ?? [])
          .filter(({ scope }) => scope === 'project' || caller.scopeEverywhere !== undefined)
          .map(budgetView),
        prices: { as_of: fargatePrices.asOf, source: fargatePrices.source },
      } satisfies z.output<typeof projectCostsSchema>);
    },
  );
}

function rangeOf(query: { from?: Month | undefined; to?: Month | undefined }, current: Month) {
  const { to = query.from !== undefined && query.from > current ? query.from : current } = query;
  const { from = monthAfter(to, 1 - defaultMonths) } = query;
  if (from > to) throw wrongRange(`from (${from}) comes after to (${to})`);
  if (to > monthAfter(from, mostMonths - 1)) throw wrongRange(`more than ${mostMonths} months`);
  return { from, to };
}

function wrongRange(message: string): BerthError {
  return new BerthError('invalid_request', `The range of months is not valid: ${message}.`, {
    hint: `Request at most ${mostMonths} months; from is the first.`,
    details: [{ path: 'from', message }],
  });
}

function budgetView({ monthlyUsd, usedUsd, scope, month, action, state }: BudgetState) {
  return { scope, month, monthly_usd: monthlyUsd, used_usd: rounded(usedUsd), action, state };
}

function totalView({ runs, costUsd, unpricedRuns }: CostTotal) {
  return { runs, cost_usd: rounded(costUsd), unpriced_runs: unpricedRuns };
}

/** Rounds to a millionth of a dollar: a sum of binary fractions is not more exact. */
function rounded(usd: number): number {
  return Math.round(usd * 1e6) / 1e6;
}
