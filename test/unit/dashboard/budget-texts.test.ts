import { expect, it } from '@jest/globals';
import { budgetTexts } from '../../../app/dashboard/web/trends/budget-texts.ts';

it('the page warns about budgets that are nearly or fully used, and about no others', () => {
  const budget = { scope: 'project', month: '2026-11', monthly_usd: 10, action: 'stop' } as const;
  const texts = budgetTexts([
    { ...budget, used_usd: 7.99, state: 'ok' },
    { ...budget, used_usd: 8, state: 'near' },
    { ...budget, used_usd: 10.5, state: 'exceeded' },
    { ...budget, scope: 'installation', used_usd: 10.5, action: 'warn', state: 'exceeded' },
  ]);
  expect(texts).toEqual([
    'The budget of this project for 2026-11 is nearly used up: $8.00 of $10.00.',
    'The budget of this project for 2026-11 is used up: $10.50 of $10.00. New runs are refused until the next month.',
    'The budget of all projects for 2026-11 is used up: $10.50 of $10.00.',
  ]);
});
