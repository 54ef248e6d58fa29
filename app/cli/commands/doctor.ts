import type { Command } from 'commander';
import type { CliContext } from '../cli-context.ts';
import { exitCodes } from '../exit-codes.ts';

/** `berth doctor` */
export function addDoctor(program: Command, cli: CliContext): void {
  program
    .command('doctor')
    .description('check what Berth depends on, and say what to do')
    .option('--json', 'the findings as JSON, for programs')
    .action(async ({ json }: { json?: boolean }) => {
      const findings = await cli.examine();
      const { out } = cli.terminal;
      if (json === true) out.write(`${JSON.stringify({ findings })}\n`);
      for (const { subject, isWell, seen, advice } of json === true ? [] : findings) {
        const mark = isWell ? out.colors.green('ok') : out.colors.red('--');
        out.write(`${mark} ${subject.padEnd(14)}${seen}\n`);
        if (advice !== undefined) out.write(`${' '.repeat(17)}${out.colors.dim(advice)}\n`);
      }
      if (findings.some(({ isWell }) => !isWell)) cli.finish(exitCodes.runErrored);
    });
}
