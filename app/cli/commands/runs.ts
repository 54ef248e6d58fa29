import { type Command, Option } from 'commander';
import type { Query } from '../../client/call.ts';
import { runStates } from '../../core/model/run-state.ts';
import type { CliContext } from '../cli-context.ts';
import { type CommonOptions, jsonOption, printResult, projectOption } from '../command-options.ts';
import { connect } from '../connect.ts';
import { numberOption } from '../run-options.ts';
import { runHeadings, runRow } from '../run-text.ts';
import { table } from '../table.ts';

type RunsOptions = CommonOptions & Omit<Query<'listWorkflows'>, 'project'>;

/** `berth runs` */
export function addRuns(program: Command, cli: CliContext): void {
  program
    .command('runs')
    .description('list runs, newest first')
    .option('--branch <name>', 'only runs of this branch')
    .option('--suite <name>', 'only runs of this suite')
    .addOption(new Option('--state <state...>', 'only runs in one of these states').choices(runStates))
    .option('--sha <commit>', 'only runs of this commit')
    .option('--text <text>', 'only runs with this text in the branch, suite, commit, command or ID')
    .option('--limit <number>', 'how many (default 20)', numberOption('--limit', 1, 100))
    .option('--cursor <cursor>', 'continue after the previous page')
    .addOption(projectOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      '\nExamples:\n  berth runs --branch main --state failed errored\n  berth runs --json --limit 100',
    )
    .action(async (options: RunsOptions) => {
      const { project, json, ...query } = options;
      const { limit, ...filters } = query;
      const isFiltered = Object.keys(filters).length > 0;
      const page = await connect(cli, options).runs(query);
      printResult(cli, options, page, () => {
        if (page.workflows.length === 0)
          return isFiltered ? 'No runs match.\n' : 'No runs. Start one with `berth run`.\n';
        const { colors } = cli.terminal.out;
        const now = cli.transport.now();
        const rows = page.workflows.map((run) => runRow(run, now, colors));
        const more = page.cursor === null ? '' : colors.dim(`\nMore: add --cursor ${page.cursor}\n`);
        return `${table(runHeadings, rows, colors.dim)}${more}`;
      });
    });
}
