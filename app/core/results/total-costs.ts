import { type Month, monthsBetween } from '../../lib/month.ts';
import type { StoreDeps } from '../deps.ts';
import type { ProjectId } from '../model/ids.ts';
import { type CostTotal, totalCost } from '../model/run-cost.ts';

export interface ProjectCosts {
  /** One entry for each month, oldest first, including months without runs. */
  readonly months: readonly (CostTotal & { readonly month: Month })[];
  readonly total: CostTotal;
}

/**
 * Computes the cost of a project's runs by the month in which they ended. The sum is computed on read from one record for each run: no
 * counter that a repeated step could count twice.
 */
export async function totalCosts(
  { store }: StoreDeps,
  projectId: ProjectId,
  range: { readonly from: Month; readonly to: Month },
): Promise<ProjectCosts> {
  const costs = await Promise.all(
    monthsBetween(range.from, range.to).map(async (month) => ({
      month,
      costs: await store.costs.ofMonth(projectId, month),
    })),
  );
  return {
    months: costs.map(({ month, costs }) => ({ month, ...totalCost(costs) })),
    total: totalCost(costs.flatMap(({ costs }) => costs)),
  };
}
