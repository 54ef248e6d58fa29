import type { Command } from 'commander';
import type { CliContext } from '../cli-context.ts';
import { jsonOption, printResult } from '../command-options.ts';
import { connect } from '../connect.ts';
import { resolveRunId } from '../resolve-run-id.ts';

/** `berth cancel` */
export function addCancel(program: Command, cli: CliContext): void {
  program
    .command('cancel')
    .description('cancel a run')
    .argument('<id>', 'ID of the run, its first characters, or latest')
    .addOption(jsonOption())
    .action(async (text: string, options: { json?: boolean }) => {
      const api = connect(cli);
      const id = await resolveRunId(api, text);
      const answer = await api.cancelRun(id, 'Canceled with berth cancel.');
      printResult(cli, options, { workflow_id: id, ...answer }, () => `Canceling run ${id}.\n`);
    });
}
