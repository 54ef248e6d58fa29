import { Option } from 'commander';
import type { CliContext } from './cli-context.ts';

/** Options that many commands have, so that they read the same everywhere. */
export const jsonOption = () => new Option('--json', 'print JSON, for programs');
export const projectOption = () =>
  new Option('--project <id>', 'ID or name of the project (BERTH_PROJECT; default: the project of the key)');

/** The values of both. */
export interface CommonOptions {
  readonly project?: string;
  readonly json?: boolean;
}

/** Collects the values of an option that may be given several times. */
export function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}

/** Prints the result of a command: JSON for programs, text for people. */
export function printResult(
  { terminal }: Pick<CliContext, 'terminal'>,
  options: { readonly json?: boolean },
  value: unknown,
  text: () => string,
): void {
  terminal.out.write(options.json === true ? `${JSON.stringify(value, null, 2)}\n` : text());
}
