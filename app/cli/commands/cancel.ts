import type { Command } from 'commander';
import type { CliContext } from '../cli-context.ts';
import { jsonOption, printResult } from '../command-options.ts';
import { connect } from '../connect.ts';

/** `berth cancel` */
export function addCancel(program: Command, cli: CliContext): void {
  program
    .command('cancel')
    .description('cancel a run; it ends by itself soon after')
    .argument('<id>', 'id of the run')
    .addOption(jsonOption())
    .action(async (id: string, options: { json?: boolean }) => {
      const answer = await connect(cli).cancelRun(id);
      printResult(cli, options, answer, () => `${answer.message}\n`);
    });
}
