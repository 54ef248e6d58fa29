import type { Command } from 'commander';
import { counted } from '../../lib/format.ts';
import { omitUndefined } from '../../lib/omit-undefined.ts';
import type { CliContext } from '../cli-context.ts';
import { usageError } from '../cli-error.ts';
import { jsonOption, printResult } from '../command-options.ts';
import { visible } from '../visible-text.ts';

interface PruneOptions {
  readonly olderThan?: string;
  readonly keep?: string;
  readonly dataDir?: string;
  readonly json?: boolean;
}

/** `berth prune` */
export function addPrune(program: Command, cli: CliContext): void {
  program
    .command('prune')
    .description('delete old runs with their logs, reports and artifacts; stop the server first')
    .option('--older-than <days>', 'delete ended runs that are older than this, such as 30d')
    .option('--keep <runs>', 'how many of the newest ended runs to keep in each project, such as 1000')
    .option('--data-dir <directory>', 'the data directory (BERTH_DATA_DIR, default .berth)')
    .addOption(jsonOption())
    .addHelpText(
      'after',
      '\nA running server deletes old runs by itself: BERTH_RETENTION_DAYS, default 90, and\nBERTH_RETENTION_RUNS.\n\nExample:\n  berth prune --older-than 30d',
    )
    .action(async (options: PruneOptions) => {
      const days = options.olderThan === undefined ? undefined : daysOf(options.olderThan);
      const keep = options.keep === undefined ? undefined : numberOfRuns(options.keep);
      if (days === undefined && keep === undefined) {
        throw usageError('No runs are selected.', 'Use --older-than, --keep, or both.');
      }
      const answer = await cli.prune(
        omitUndefined({ olderThanDays: days, keep }),
        omitUndefined({ BERTH_DATA_DIR: options.dataDir }),
      );
      const older = days === undefined ? '' : ` older than ${counted(days, 'day')}`;
      const beyond = keep === undefined ? '' : `beyond the newest ${keep} of each project`;
      const which = [older, beyond && ` ${beyond}`].filter(Boolean).join(' or');
      printResult(cli, options, answer, () => `Deleted ${counted(answer.deleted, 'run')}${which}.\n`);
    });
}

function numberOfRuns(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw usageError(`Invalid number of runs '${visible(text)}'.`, 'Use a number, such as 1000.');
}

function daysOf(text: string): number {
  const [, days] = /^(\d{1,5})d?$/.exec(text) ?? [];
  if (days === undefined)
    throw usageError(`Invalid age '${visible(text)}'.`, 'Use a number of days, such as 30d.');
  return Number(days);
}
