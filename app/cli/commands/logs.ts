import type { Command } from 'commander';
import type { LogPage } from '../../client/api-types.ts';
import type { CliContext } from '../cli-context.ts';
import { type BerthApi, connect } from '../connect.ts';
import { exitCodeOf } from '../exit-codes.ts';
import { followRun } from '../follow-run.ts';
import { createProgressLine } from '../progress-line.ts';
import { resolveRunId } from '../resolve-run-id.ts';
import type { Output } from '../terminal.ts';

interface LogsOptions {
  readonly follow?: boolean;
  readonly json?: boolean;
}

/** `berth logs` */
export function addLogs(program: Command, cli: CliContext): void {
  program
    .command('logs')
    .description('print the log of a run')
    .argument('<id>', 'ID of the run, its first characters, or latest')
    .option('-f, --follow', 'follow the log until the run ends, and exit with its exit code')
    .option('--json', 'one JSON object a line: {"text", "at"}')
    .addHelpText(
      'after',
      '\nExamples:\n  berth logs 01J8ZQ4T9N5V7W2X3Y4Z5A6B7C\n  berth logs --follow 01J8ZQ4T9N5V7W2X3Y4Z5A6B7C',
    )
    .action(async (text: string, options: LogsOptions) => {
      const api = connect(cli);
      const id = await resolveRunId(api, text);
      const print = linePrinter(cli.terminal.out, options);
      if (options.follow !== true) return printLog(api, id, print);
      const progress = createProgressLine(cli.terminal.err);
      const run = await followRun({ api, transport: cli.transport, progress, onLines: print }, id);
      cli.finish(exitCodeOf(run.state, run.exit_code) ?? 0);
    });
}

/** Writes lines of a log as they are, or as JSON. */
export function linePrinter(
  output: Output,
  options: { readonly json?: boolean } = {},
): (lines: LogPage['lines']) => void {
  const text = ({ text, at }: LogPage['lines'][number]) =>
    options.json === true ? JSON.stringify({ text, at }) : text;
  return (lines) => output.write(lines.map((line) => `${text(line)}\n`).join(''));
}

async function printLog(api: BerthApi, id: string, print: (lines: LogPage['lines']) => void): Promise<void> {
  let cursor: string | undefined;
  for (;;) {
    const page = await api.logPage(id, cursor);
    if (page.lines.length > 0) print(page.lines);
    if (page.complete || page.lines.length === 0) return;
    cursor = page.cursor;
  }
}
