import { ApiError, Unreachable } from '../client/api-error.ts';
import { CliError } from './cli-error.ts';
import { exitCodes } from './exit-codes.ts';

/** Turns a failed request into the error that ends a command. */
export function cliErrorOf(error: unknown, url: string): unknown {
  if (error instanceof ApiError) return refusal(error);
  if (error instanceof Unreachable) return unreachable(error.reason, url, error);
  if (error instanceof DOMException && error.name === 'TimeoutError') {
    return unreachable('no answer in time', url, error);
  }
  return error;
}

function refusal(error: ApiError): CliError {
  const { message, code, hint, details, status, location } = error;
  const isServerError = status >= 500 || status < 300;
  const exitCode = isServerError ? exitCodes.serverError : exitCodes.refused;
  if (location !== undefined && !error.isBerth) {
    const advice = 'Set BERTH_URL to the address of the server itself.';
    return new CliError('redirected', message, { exitCode: exitCodes.usage, hint: advice, cause: error });
  }
  if (!error.isBerth && status < 300) {
    const advice = 'Check that BERTH_URL is the address of a Berth server.';
    return new CliError('answer_unreadable', message, { exitCode, hint: advice, cause: error });
  }
  const said = messages[code ?? ''] ?? message;
  // A detail begins with the name of its field.
  const lines = [said, ...details.filter((detail) => !said.includes(detail.replace(/^[\w.]+: /, '')))];
  return new CliError(code ?? `http_${status}`, lines.join('\n  '), {
    exitCode,
    hint: status === 401 ? keyHint : (hints[code ?? ''] ?? hint),
    cause: error,
  });
}

/** The routes say workflow, the commands say run. */
const messages: Readonly<Record<string, string>> = {
  run_not_found: 'Run not found.',
  run_ended: 'The run has already ended.',
};

/** The next step as a command: the hints of the server name routes and headers. */
const hints: Readonly<Record<string, string>> = {
  run_not_found:
    '`berth runs` lists the runs. The first 4 characters of an ID are enough if only one run has them.',
  project_not_found: '`berth projects` lists the projects of your key.',
  stack_not_found: '`berth stacks` lists the stacks.',
  key_not_found: '`berth keys` lists the keys.',
  not_found: 'Check BERTH_URL: the address of a Berth server of the same version, without a path.',
};

const keyHint =
  'Set BERTH_API_KEY to a key of this server: the first `berth serve` prints one, and `berth keys create` creates more.';

function unreachable(reason: string, url: string, cause: unknown): CliError {
  return new CliError('unreachable', `No Berth server answers at ${url} (${reason}).`, {
    exitCode: exitCodes.unreachable,
    hint: 'Start one with `berth serve`, or set BERTH_URL to the address of a running server.',
    cause,
  });
}
