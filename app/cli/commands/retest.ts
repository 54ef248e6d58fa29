import type { Command } from 'commander';
import type { CliContext } from '../cli-context.ts';
import { jsonOption, printResult } from '../command-options.ts';
import { connect } from '../connect.ts';
import { resolveRunId } from '../resolve-run-id.ts';
import { showRun, writeEnd } from '../show-run.ts';

interface RetestOptions {
  readonly failed?: boolean;
  readonly follow?: boolean;
  readonly json?: boolean;
}

/** `berth retest` */
export function addRetest(program: Command, cli: CliContext): void {
  program
    .command('retest')
    .description('test the same commit again, in a new run')
    .argument('<id>', 'ID of the run, its first characters, or latest')
    .option('--failed', 'run only the failed tests; the other results are those of the run')
    .option('-f, --follow', 'show the log, and end with the exit code of the new run')
    .addOption(jsonOption())
    .action(async (id: string, options: RetestOptions) => {
      const api = connect(cli);
      const started = await api.retestRun(await resolveRunId(api, id), {
        idempotency_key: cli.unique(),
        ...(options.failed === true ? { failed_only: true } : {}),
      });
      if (options.follow !== true)
        return printResult(cli, options, started, () => `${started.workflow_id}\n`);
      const run = await showRun(cli, api, started.workflow_id, options);
      if (options.json === true) printResult(cli, options, run, () => '');
      writeEnd(cli, run, { page: run.run_url });
    });
}
