import type { Environment } from './cli-context.ts';
import { usageError } from './cli-error.ts';
import { parseSeconds } from './time-text.ts';
import { visible } from './visible-text.ts';

/** The options of `berth run`. */
export interface RunOptions {
  readonly repo?: string;
  readonly branch?: string;
  readonly sha?: string;
  readonly command?: string;
  readonly setup?: string;
  readonly suite?: string;
  /** A name, or false for none. If omitted, the settings of the suite and the project apply. */
  readonly stack?: string | false;
  readonly env: Readonly<Record<string, string>>;
  readonly timeoutSeconds?: number;
  readonly cpu?: number;
  readonly memory?: number;
  readonly image?: string;
  readonly junit?: readonly string[];
  readonly artifacts?: readonly string[];
  readonly retries?: number;
}

/** Reads `--timeout`, as a person types it. @throws CliError `usage`. */
export function secondsOption(text: string): number {
  const seconds = parseSeconds(text);
  if (seconds === undefined)
    throw usageError(`Invalid duration '${visible(text)}'.`, 'Use 90s, 15m or 1h30m.');
  return seconds;
}

/** Reads a number within limits. @throws CliError `usage`. */
export function numberOption(name: string, least: number, most: number): (text: string) => number {
  return (text) => {
    const value = /^\d{1,9}(\.\d{1,4})?$/.test(text) ? Number(text) : Number.NaN;
    if (value >= least && value <= most) return value;
    throw usageError(`${name} must be a number from ${least} to ${most}, not '${visible(text)}'.`);
  };
}

/**
 * Reads `--env`: `NAME=value`, or `NAME` for the value that it has in this shell.
 *
 * @throws CliError `usage` if a name has no value.
 */
export function envOption(
  pairs: readonly string[],
  environment: Environment,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const equals = pair.indexOf('=');
      const name = equals === -1 ? pair : pair.slice(0, equals);
      const value = equals === -1 ? environment[name] : pair.slice(equals + 1);
      if (name === '' || value === undefined) {
        throw usageError(
          name === ''
            ? `--env ${visible(pair)} does not name a variable.`
            : `The variable ${visible(name)} is not set in this shell.`,
          'Use --env NAME=value, or --env NAME for a variable of this shell.',
        );
      }
      if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name))
        throw usageError(
          `--env ${visible(name)} is not a valid variable name.`,
          'A name has letters, digits and _, and does not begin with a digit.',
        );
      return [name, value];
    }),
  );
}
