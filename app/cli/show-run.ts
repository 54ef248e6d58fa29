import type { Workflow } from '../client/api-types.ts';
import type { CliContext } from './cli-context.ts';
import { CliError } from './cli-error.ts';
import type { BerthApi } from './connect.ts';
import { exitCodeOf, exitCodes } from './exit-codes.ts';
import { followRun } from './follow-run.ts';
import { createLogPrinter } from './log-printer.ts';
import { createProgressLine } from './progress-line.ts';
import { endText } from './run-text.ts';
import { visible } from './visible-text.ts';

/**
 * Follows a run that this command started until it ends: its log on standard output (with `--json`, on standard error),
 * everything else on standard error. The first Ctrl-C cancels the run. The command ends with the run's exit code.
 */
export async function showRun(
  cli: CliContext,
  api: BerthApi,
  id: string,
  options: { readonly json?: boolean },
): Promise<Workflow> {
  const { err } = cli.terminal;
  const progress = createProgressLine(err);
  const onLines = createLogPrinter(options.json === true ? err : cli.terminal.out).print;
  const interrupted = cli.interrupts.take();
  const cancel = () => {
    progress.clear();
    err.write('Canceling the run. Press Ctrl-C again to leave immediately.\n');
    cancelQuietly(api, id, interrupted.reason, (reason) => err.write(`${reason}\n`));
  };
  if (interrupted.aborted) cancel();
  else interrupted.addEventListener('abort', cancel, { once: true });
  try {
    const run = await followRun(
      {
        api,
        transport: cli.transport,
        progress,
        onLines,
        onRetry: (next) => err.write(`Trying again: ${next}\n`),
      },
      id,
    );
    cli.finish(exitCodeOf(run.state, run.exit_code) ?? exitCodes.succeeded);
    return run;
  } catch (error) {
    progress.clear();
    throw explained(error, id);
  } finally {
    interrupted.removeEventListener('abort', cancel);
  }
}

/**
 * Prints the summary of a finished run.
 *
 * @param seeAlso where to find more about it; may be empty.
 */
export function writeEnd(
  cli: CliContext,
  run: Workflow,
  seeAlso: Readonly<Partial<Record<'page' | 'report', string>>>,
): void {
  const { err } = cli.terminal;
  const places = Object.entries(seeAlso).map(
    ([name, place]) => `  ${err.colors.dim(name)} ${visible(place)}\n`,
  );
  err.write(`\n${endText(run, cli.transport.now(), err.colors)}\n${places.join('')}`);
}

/** Cancels the run. A run that ended in the meantime is fine; any other failure is shown, and the log continues. */
function cancelQuietly(api: BerthApi, id: string, why: string, tell: (reason: string) => void): void {
  api.cancelRun(id, why).catch((error: unknown) => {
    if (error instanceof CliError && error.code === 'run_ended') return;
    tell(error instanceof Error ? error.message : String(error));
  });
}

/** Adds to an error that the run continues without this command. */
function explained(error: unknown, id: string): unknown {
  if (!(error instanceof CliError) || error.code !== 'unreachable') return error;
  return new CliError(error.code, error.message, {
    exitCode: error.exitCode,
    hint: `The run continues on the server. Follow it again with: berth logs --follow ${id}`,
    cause: error,
  });
}
