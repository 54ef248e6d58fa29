import type { Command } from 'commander';
import type { Finding } from '../../core/model/app-check.ts';
import { omitUndefined } from '../../lib/omit-undefined.ts';
import type { CliContext } from '../cli-context.ts';
import { CliError } from '../cli-error.ts';
import { apiOf, connectionOf, findServer } from '../connect.ts';
import { exitCodes } from '../exit-codes.ts';
import type { Output } from '../terminal.ts';

/** `berth doctor` */
export function addDoctor(program: Command, cli: CliContext): void {
  program
    .command('doctor')
    .description('check what Berth depends on, and how to fix it')
    .option('--aws', 'check what launching tasks on AWS needs, with the environment of Berth’s functions')
    .option('--json', 'the findings as JSON, for programs')
    .action(async ({ json, aws = false }: { json?: boolean; aws?: boolean }) => {
      const findings = [...(await cli.runDoctor({ aws })), ...(aws ? [] : await checkChosenServer(cli))];
      const { out } = cli.terminal;
      if (json === true) out.write(`${JSON.stringify({ findings })}\n`);
      else writeFindings(findings, out);
      if (findings.some(({ isWell }) => !isWell)) cli.finish(exitCodes.runErrored);
    });
}

/** Checks the server that other commands use, and their key, if `BERTH_URL` names one: it may run elsewhere. */
async function checkChosenServer(cli: CliContext): Promise<readonly Finding[]> {
  const subject = 'BERTH_URL';
  try {
    const connection = connectionOf(cli.env);
    if (!connection.isChosen) return [];
    const api = apiOf(cli, connection);
    await findServer(api, connection);
    await api.projects();
    return [{ subject, isWell: true, seen: `${connection.url} answers and accepts the key` }];
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    return [{ subject, isWell: false, seen: error.message, ...omitUndefined({ advice: error.hint }) }];
  }
}

/** Writes one line for each finding, and one for its advice. */
export function writeFindings(findings: readonly Finding[], out: Output): void {
  for (const { subject, isWell, seen, advice } of findings) {
    const mark = isWell ? out.colors.green('ok') : out.colors.red('--');
    out.write(`${mark} ${subject.padEnd(16)}${seen}\n`);
    if (advice !== undefined) out.write(`${' '.repeat(19)}${out.colors.dim(advice)}\n`);
  }
}
