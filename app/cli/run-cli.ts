import { Command, CommanderError } from 'commander';
import { BerthError } from '../core/model/errors.ts';
import type { CliContext } from './cli-context.ts';
import { CliError, usageError } from './cli-error.ts';
import { addAws } from './commands/aws.ts';
import { addCancel } from './commands/cancel.ts';
import { addCosts } from './commands/costs.ts';
import { addDoctor } from './commands/doctor.ts';
import { addKeys } from './commands/keys.ts';
import { addLogs } from './commands/logs.ts';
import { addProjects } from './commands/projects.ts';
import { addPrune } from './commands/prune.ts';
import { addRetest } from './commands/retest.ts';
import { addRun } from './commands/run.ts';
import { addRuns } from './commands/runs.ts';
import { addServe } from './commands/serve.ts';
import { addStacks } from './commands/stacks.ts';
import { addStatus } from './commands/status.ts';
import { exitCodes } from './exit-codes.ts';
import type { Terminal } from './terminal.ts';

const about = `
Environment:
  BERTH_URL      the server (default http://127.0.0.1:3000)
  BERTH_API_KEY  a key of that server; the first \`berth serve\` prints one
  BERTH_PROJECT  the project, if the key can see several
  NO_COLOR       no colors
A file named .env in the working directory is read too.

Exit codes:
  0    success; the tests passed
  2    invalid command, option, or setting
  3    no server answers
  4    the server rejected the request
  5    the server failed
  6    Berth or the infrastructure could not run the tests
  124  the tests took longer than their limit
  130  the run was canceled
  any other, from run, logs --follow and retest --follow: the exit code of the failed tests`;

const helpHint = 'Add --help to list commands and options.';

/** The command line with all its commands; nothing is run yet. */
export function createProgram(cli: CliContext): Command {
  const program = new Command('berth')
    .description(
      'Runs the tests of every branch in a fresh container, on a test stack that the branch holds.',
    )
    .version(cli.version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'show help')
    .helpCommand('help [command]', 'show help of a command')
    .addHelpText('after', about)
    .exitOverride();
  configureOutput(program, cli.terminal);
  const commands = [
    addServe,
    addRun,
    addRuns,
    addStatus,
    addLogs,
    addCancel,
    addRetest,
    addStacks,
    addProjects,
    addCosts,
    addKeys,
    addPrune,
    addDoctor,
    addAws,
  ];
  for (const add of commands) add(program, cli);
  program.hook('preAction', (_, command) => refuseEmpty(command));
  return program;
}

/** An empty text is a variable of a script that is not set, such as `berth logs "$ID"`. */
function refuseEmpty(command: Command): void {
  const { registeredArguments, args, options } = command;
  const index = args.findIndex(isEmpty);
  const name = registeredArguments[Math.min(index, registeredArguments.length - 1)]?.name();
  if (index !== -1 && name !== undefined) throw usageError(`The argument <${name}> is empty.`);
  const empty = options.find((option) =>
    [command.getOptionValue(option.attributeName())].flat().some(isEmpty),
  );
  if (empty !== undefined) throw usageError(`${empty.long} is empty.`);
}

const isEmpty = (value: unknown): boolean => typeof value === 'string' && value.trim() === '';

/**
 * Runs one command.
 *
 * @param args the arguments after `berth`.
 * @returns the exit code. Never throws: errors go to standard error.
 */
export async function runCli(args: readonly string[], cli: Omit<CliContext, 'finish'>): Promise<number> {
  const asJson = args.includes('--json');
  let exitCode: number = exitCodes.succeeded;
  const finish = (code: number) => {
    exitCode = code;
  };
  try {
    await createProgram({ ...cli, finish }).parseAsync(args, { from: 'user' });
    return exitCode;
  } catch (error) {
    if (!(error instanceof CommanderError)) return writeFailure(error, cli.terminal, asJson);
    if (error.exitCode === 0) return exitCodes.succeeded;
    // A group without a command has printed its help.
    if (error.code === 'commander.help') return exitCodes.usage;
    return writeFailure(usageErrorOf(error), cli.terminal, asJson);
  }
}

/** An error of commander in the form of the other errors. Its message may end with a suggestion, on a second line. */
function usageErrorOf({ message }: CommanderError): CliError {
  const [first = '', suggestion] = message.replace(/^error: /, '').split(/\n\((.*)\)$/s);
  const sentence = `${first.charAt(0).toUpperCase()}${first.slice(1)}${first.endsWith('.') ? '' : '.'}`;
  return usageError(sentence, suggestion ?? helpHint);
}

/** Longer lines are hard to read. */
const widestHelp = 110;

function configureOutput(program: Command, { out, err }: Terminal): void {
  program.configureOutput({
    writeOut: (text) => out.write(text),
    writeErr: (text) => err.write(text),
    getOutHelpWidth: () => Math.min(out.columns, widestHelp),
    getErrHelpWidth: () => Math.min(err.columns, widestHelp),
    getOutHasColors: () => out.colors.isColorSupported,
    getErrHasColors: () => err.colors.isColorSupported,
    // `writeFailure` prints errors.
    outputError: () => {},
  });
  program.configureHelp({ styleTitle: (title) => out.colors.bold(title), showGlobalOptions: false });
}

/** Prints what happened and what to do. @returns the exit code. */
function writeFailure(error: unknown, { err }: Terminal, asJson: boolean): number {
  const { code, message, hint, exitCode } = failureOf(error);
  if (asJson) {
    err.write(`${JSON.stringify({ error: { code, message, hint } })}\n`);
    return exitCode;
  }
  err.write(`${err.colors.red('✖')} ${message}\n`);
  if (hint !== undefined) err.write(`  ${err.colors.dim(hint)}\n`);
  return exitCode;
}

function failureOf(error: unknown): {
  code: string;
  message: string;
  hint: string | undefined;
  exitCode: number;
} {
  if (error instanceof CliError) return error;
  if (error instanceof BerthError) {
    const exitCode = error.code === 'config_invalid' ? exitCodes.usage : exitCodes.serverError;
    return { code: error.code, message: error.message, hint: error.hint, exitCode };
  }
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return {
    code: 'internal',
    message,
    hint: 'This is a bug in Berth. Please report it.',
    exitCode: exitCodes.serverError,
  };
}
