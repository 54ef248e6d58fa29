import type { Month } from '../../lib/month.ts';

/** A monthly budget and its used part. */
export interface BudgetState {
  readonly scope: 'project' | 'installation';
  readonly month: Month;
  readonly monthlyUsd: number;
  /** The cost of ended runs; active ones are added when they end. */
  readonly usedUsd: number;
  readonly action: 'warn' | 'stop';
  /** `near`: 80 percent or more. */
  readonly state: 'ok' | 'near' | 'exceeded';
}

const nearShare = 0.8;

export function budgetState(budget: Omit<BudgetState, 'state'>): BudgetState {
  const { usedUsd, monthlyUsd } = budget;
  const state = usedUsd >= monthlyUsd ? 'exceeded' : usedUsd >= monthlyUsd * nearShare ? 'near' : 'ok';
  return { ...budget, state };
}
