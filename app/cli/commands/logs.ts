import type { Command } from 'commander';
import type { LogPage } from '../../client/api-types.ts';
import { type LineRange, parseLineRange } from '../../lib/log/line-range.ts';
import type { CliContext } from '../cli-context.ts';
import { usageError } from '../cli-error.ts';
import { type BerthApi, connect } from '../connect.ts';
import { exitCodeOf } from '../exit-codes.ts';
import { followRun } from '../follow-run.ts';
import { createLogPrinter, type LogOptions, type LogPrinter } from '../log-printer.ts';
import { createProgressLine } from '../progress-line.ts';
import { resolveRunId } from '../resolve-run-id.ts';
import { numberOption } from '../run-options.ts';
import { visible } from '../visible-text.ts';

interface LogsOptions extends LogOptions {
  readonly follow?: boolean;
}

const mostLines = 1_000_000;

const examples = `
Without --raw, a progress bar becomes its last state, group markers become titles, and control sequences other than
colors and links are removed.

Examples:
  berth logs latest
  berth logs --follow 01J8ZQ4T9N5V7W2X3Y4Z5A6B7C
  berth logs latest --search error --context 3 --line-numbers
  berth logs latest --lines 120-180`;

/** `berth logs` */
export function addLogs(program: Command, cli: CliContext): void {
  program
    .command('logs')
    .description('print the log of a run')
    .argument('<id>', 'ID of the run, its first characters, or latest')
    .option('-f, --follow', 'follow the log until the run ends, and exit with its exit code')
    .option('-t, --timestamps', 'print the time of each line')
    .option('-n, --line-numbers', 'print the number of each line, as in the dashboard')
    .option('--lines <range>', 'print only these lines, such as 12 or 12-20', lineRangeOption)
    .option('--tail <number>', 'print only the last lines', numberOption('--tail', 1, mostLines))
    .option('--search <text>', 'print only lines with this text, in any case')
    .option(
      '-C, --context <number>',
      'with --search, lines to print around each',
      numberOption('--context', 0, 1000),
    )
    .option('--raw', 'print lines as they are, with every control sequence')
    .option('--json', 'one JSON object a line: {"text", "at", "line"}')
    .addHelpText('after', examples)
    .action(async (text: string, options: LogsOptions) => {
      if (options.follow === true && options.tail !== undefined)
        throw usageError('--tail needs the end of the log: leave out --follow.');
      if (options.context !== undefined && options.search === undefined)
        throw usageError('--context needs --search.');
      const api = connect(cli);
      const id = await resolveRunId(api, text);
      let printer = createLogPrinter(cli.terminal.out, options);
      if (options.follow !== true) return printLog(api, id, printer);
      const deps = {
        api,
        transport: cli.transport,
        progress: createProgressLine(cli.terminal.err),
        onLines: (lines: LogPage['lines']) => printer.print(lines),
        onRetry: () => {
          printer = createLogPrinter(cli.terminal.out, options);
        },
      };
      const run = await followRun(deps, id);
      cli.finish(exitCodeOf(run.state, run.exit_code) ?? 0);
    });
}

function lineRangeOption(text: string): LineRange {
  const range = parseLineRange(text);
  if (range === undefined)
    throw usageError(`--lines must be a line or a range, such as 12 or 12-20, not '${visible(text)}'.`);
  return range;
}

async function printLog(api: BerthApi, id: string, printer: LogPrinter): Promise<void> {
  let cursor: string | undefined;
  for (;;) {
    const page = await api.logPage(id, cursor);
    if (page.lines.length > 0) printer.print(page.lines);
    if (page.complete || page.lines.length === 0) return printer.end();
    cursor = page.cursor;
  }
}
