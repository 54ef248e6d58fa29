import type { Command } from 'commander';
import type { Finding } from '../../core/model/app-check.ts';
import { omitUndefined } from '../../lib/omit-undefined.ts';
import type { CliContext, Environment } from '../cli-context.ts';
import { CliError } from '../cli-error.ts';
import { jsonOption, printResult } from '../command-options.ts';
import { apiOf, connectionOf, findServer, isNear } from '../connect.ts';
import { exitCodes } from '../exit-codes.ts';
import type { Output } from '../terminal.ts';

/** `berth doctor` */
export function addDoctor(program: Command, cli: CliContext): void {
  program
    .command('doctor')
    .description('check what Berth depends on, and how to fix it')
    .option('--aws', 'check what launching tasks on AWS needs, with the environment of Berth’s functions')
    .addOption(jsonOption())
    .action(async ({ json, aws = false }: { json?: boolean; aws?: boolean }) => {
      const findings = [
        ...(await cli.runDoctor({ aws, changes: addressOnThisMachine(cli.env) })),
        ...(aws ? [] : await checkChosenServer(cli)),
      ];
      printResult(cli, { json: json === true }, { findings }, () =>
        findingsText(findings, cli.terminal.out.colors),
      );
      if (findings.some(({ isWell }) => !isWell)) cli.finish(exitCodes.runErrored);
    });
}

/** If `BERTH_URL` names a server on this machine, that one is checked: `berth serve --port` is in no variable. */
function addressOnThisMachine({ BERTH_URL: url = '' }: Environment): Readonly<Record<string, string>> {
  if (!URL.canParse(url) || !isNear(url)) return {};
  const { hostname, port, protocol } = new URL(url);
  return protocol === 'http:' ? { HOST: hostname.replace(/[[\]]/g, ''), PORT: port || '80' } : {};
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

/** One line for each finding, and one for its advice. */
export function findingsText(findings: readonly Finding[], colors: Output['colors']): string {
  const lines = findings.flatMap(({ subject, isWell, seen, advice }) => [
    `${isWell ? colors.green('ok') : colors.red('--')} ${subject.padEnd(16)}${seen}\n`,
    ...(advice === undefined ? [] : [`${' '.repeat(19)}${colors.dim(advice)}\n`]),
  ]);
  return lines.join('');
}
