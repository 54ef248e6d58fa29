import type { Command } from 'commander';
import { counted } from '../../lib/format.ts';
import { omitUndefined } from '../../lib/omit-undefined.ts';
import type { CliContext } from '../cli-context.ts';
import { usageError } from '../cli-error.ts';
import { jsonOption, printResult } from '../command-options.ts';
import { visible } from '../visible-text.ts';

interface PruneOptions {
  readonly olderThan: string;
  readonly dataDir?: string;
  readonly json?: boolean;
}

/** `berth prune` */
export function addPrune(program: Command, cli: CliContext): void {
  program
    .command('prune')
    .description('delete old runs with their logs, reports and artifacts; stop the server first')
    .requiredOption('--older-than <days>', 'delete ended runs created before so many days, such as 30d')
    .option('--data-dir <directory>', 'the data directory (BERTH_DATA_DIR, default .berth)')
    .addOption(jsonOption())
    .addHelpText(
      'after',
      '\nA running server deletes old runs by itself: BERTH_RETENTION_DAYS, default 90.\n\nExample:\n  berth prune --older-than 30d',
    )
    .action(async (options: PruneOptions) => {
      const days = daysOf(options.olderThan);
      const answer = await cli.prune(days, omitUndefined({ BERTH_DATA_DIR: options.dataDir }));
      printResult(
        cli,
        options,
        answer,
        () => `Deleted ${counted(answer.deleted, 'run')} older than ${counted(days, 'day')}.\n`,
      );
    });
}

function daysOf(text: string): number {
  const [, days] = /^(\d{1,5})d?$/.exec(text) ?? [];
  if (days === undefined)
    throw usageError(`Invalid age '${visible(text)}'.`, 'Use a number of days, such as 30d.');
  return Number(days);
}
