import type { Command } from 'commander';
import type { Workflow } from '../../client/api-types.ts';
import type { CliContext } from '../cli-context.ts';
import { jsonOption, printResult } from '../command-options.ts';
import { connect } from '../connect.ts';
import { resolveRunId } from '../resolve-run-id.ts';
import { endText, runDuration, stateText, testsText, waitText } from '../run-text.ts';
import type { Output } from '../terminal.ts';
import { ageText } from '../time-text.ts';
import { firstLine, visible, width } from '../visible-text.ts';

/** `berth status` */
export function addStatus(program: Command, cli: CliContext): void {
  program
    .command('status')
    .description('show one run')
    .argument('<id>', 'ID of the run, its first characters, or latest')
    .addOption(jsonOption())
    .action(async (id: string, options: { json?: boolean }) => {
      const api = connect(cli);
      const run = await api.run(await resolveRunId(api, id));
      printResult(cli, options, run, () => describeRun(run, cli.transport.now(), cli.terminal.out.colors));
    });
}

function describeRun(run: Workflow, now: Date, colors: Output['colors']): string {
  const isOver = run.stopped_at !== null;
  const facts: readonly (readonly [string, string])[] = [
    ['run', run.workflow_id],
    ['branch', `${visible(run.branch)}${run.sha === null ? '' : ` @ ${run.sha.slice(0, 7)}`}`],
    ['message', run.commit === null ? '' : visible(run.commit.message)],
    ['pull request', run.pull_request === null ? '' : `#${run.pull_request}`],
    ['repository', visible(run.repo_url)],
    ['suite', visible(run.suite)],
    ['command', firstLine(run.test_command)],
    ['state', isOver ? '' : (waitText(run, [], now) ?? stateText(run.state, colors))],
    ['stack', run.stack_name ?? ''],
    ['tests', testsText(run.tests)],
    ['duration', runDuration(run, now)],
    ['created', ageText(new Date(run.created_at), now)],
    ['triggered by', visible(run.trigger.actor ?? run.trigger.kind.replace('_', ' '))],
    ['retest of', run.retry_of ?? ''],
    ['executor', run.executor ?? ''],
    ['page', run.run_url],
    ['report', run.report_url ?? ''],
  ];
  const lines = facts
    .filter(([, value]) => value !== '')
    .map(([name, value]) => `${colors.dim(name)}${' '.repeat(14 - width(name))}${value}\n`);
  return `${lines.join('')}${isOver ? `\n${endText(run, now, colors)}\n` : ''}`;
}
