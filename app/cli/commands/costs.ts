import type { Command } from 'commander';
import type { ProjectCosts } from '../../client/api-types.ts';
import { omitUndefined } from '../../lib/omit-undefined.ts';
import type { CliContext } from '../cli-context.ts';
import { type CommonOptions, jsonOption, printResult, projectOption } from '../command-options.ts';
import { connect } from '../connect.ts';
import { soleProject } from '../sole-project.ts';
import { table } from '../table.ts';

interface CostsOptions extends CommonOptions {
  readonly from?: string;
  readonly to?: string;
}

/** `berth costs` */
export function addCosts(program: Command, cli: CliContext): void {
  program
    .command('costs')
    .description("show what a project's runs cost on AWS, month by month (estimated)")
    .option('--from <month>', 'the first month, such as 2026-01 (default: a year ago)')
    .option('--to <month>', 'the last month (default: this month)')
    .addOption(projectOption())
    .addOption(jsonOption())
    .action(async (options: CostsOptions) => {
      const api = connect(cli, options);
      const { from, to } = options;
      const answer = await api.costs(await soleProject(api), omitUndefined({ from, to }));
      printResult(cli, options, answer, () => costTable(answer, cli));
    });
}

function costTable({ months, total }: ProjectCosts, { terminal }: CliContext): string {
  if (total.runs === 0)
    return 'No run on AWS ended in these months. Runs on your own machine are free, and are not counted.\n';
  const rows = [...months.filter(({ runs }) => runs > 0), { month: 'all', ...total }];
  return (
    table(
      ['MONTH', 'RUNS', 'US DOLLARS'],
      rows.map(({ month, runs, cost_usd }) => [String(month), String(runs), cost_usd.toFixed(4)]),
      terminal.out.colors.dim,
    ) +
    (total.unpriced_runs === 0
      ? ''
      : `Not including ${total.unpriced_runs} runs in regions with unknown prices.\n`)
  );
}
