import { z } from '@hono/zod-openapi';
import { type Month, parseMonth } from '../../lib/month.ts';

const monthText = { description: 'A month, in UTC.', example: '2026-11' };

/** A month of the query. */
export const monthInQuery = z
  .string()
  .transform((text, context): Month => {
    const month = parseMonth(text);
    if (month !== undefined) return month;
    context.addIssue({ code: 'custom', message: 'must be a month such as 2026-11' });
    return z.NEVER;
  })
  .openapi({ ...monthText, type: 'string', pattern: '^\\d{4}-(0[1-9]|1[0-2])$' });

const total = {
  runs: z.number().int().openapi({ description: 'Charged runs that ended in this month.' }),
  cost_usd: z.number().openapi({
    description: 'US dollars, estimated from list prices, as `cost_usd` of each workflow.',
    example: 4.213052,
  }),
  unpriced_runs: z.number().int().openapi({
    description:
      'Runs that `cost_usd` does not include, because Berth does not know the prices of their region.',
  }),
};

export const projectCostsSchema = z
  .object({
    project_id: z.string(),
    months: z.array(z.object({ month: z.string().openapi(monthText), ...total })).openapi({
      description: 'Every month from `from` to `to`, oldest first, including months without runs.',
    }),
    total: z.object(total),
    budgets: z
      .array(
        z.object({
          scope: z.enum(['project', 'installation']),
          month: z.string().openapi(monthText),
          monthly_usd: z.number(),
          used_usd: z.number().openapi({ description: 'The cost of the runs that ended this month.' }),
          action: z.enum(['warn', 'stop']).openapi({
            description: 'What happens when it is used up: `stop` refuses new runs (`budget_exceeded`).',
          }),
          state: z.enum(['ok', 'near', 'exceeded']).openapi({ description: '`near`: 80 percent or more.' }),
        }),
      )
      .openapi({
        description:
          'The budgets of the current month. The one of the installation is shown to callers who see all projects.',
      }),
    prices: z
      .object({ as_of: z.string().openapi({ example: '2026-03' }), source: z.url() })
      .openapi({ description: "The source of the prices for today's estimates." }),
  })
  .openapi('ProjectCosts');
