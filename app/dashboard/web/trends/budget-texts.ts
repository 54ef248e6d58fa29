import type { ProjectCosts } from '../../../client/api-types.ts';

type Budget = ProjectCosts['budgets'][number];

/** Writes the warnings about budgets that are nearly or fully used. */
export function budgetTexts(budgets: readonly Budget[]): string[] {
  return budgets.filter(({ state }) => state !== 'ok').map(textOf);
}

function textOf({ scope, month, state, action, ...usd }: Budget): string {
  const whose = scope === 'project' ? 'this project' : 'all projects';
  const used = `$${usd.used_usd.toFixed(2)} of $${usd.monthly_usd.toFixed(2)}`;
  const effect =
    state === 'exceeded' && action === 'stop' ? ' New runs are refused until the next month.' : '';
  const isUsedUp = state === 'near' ? 'is nearly used up' : 'is used up';
  return `The budget of ${whose} for ${month} ${isUsedUp}: ${used}.${effect}`;
}
