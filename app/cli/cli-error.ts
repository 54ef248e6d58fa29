import { exitCodes } from './exit-codes.ts';

export interface CliErrorOptions {
  readonly exitCode: number;
  /** The next step for the user. */
  readonly hint?: string | undefined;
  readonly cause?: unknown;
}

/** Ends a command: a stable code and an exit code for programs, a sentence and a hint for people. */
export class CliError extends Error {
  override readonly name = 'CliError';
  readonly code: string;
  readonly exitCode: number;
  readonly hint: string | undefined;

  constructor(code: string, message: string, options: CliErrorOptions) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.exitCode = options.exitCode;
    this.hint = options.hint;
  }
}

/** The command received invalid arguments. */
export function usageError(message: string, hint?: string): CliError {
  return new CliError('usage', message, { exitCode: exitCodes.usage, hint });
}
