import type { AppCredentials } from '../../core/model/app-manifest.ts';
import { BerthError } from '../../core/model/errors.ts';
import { shellWord } from '../../lib/shell-word.ts';

/** A program with its arguments, as a person could type it. */
export interface Command {
  readonly program: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

export interface CommandEnd {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The machine and the person, as an installation uses them. */
export interface World {
  /** Runs a program. @param output `show` also lets the person see the output. */
  run(command: Command, output: 'show' | 'capture'): Promise<CommandEnd>;
  print(line: string): void;
  /** @returns false if no one can answer. */
  confirm(question: string): Promise<boolean>;
  /** @returns undefined if there is no such file. */
  read(path: string): Promise<string | undefined>;
  /** Writes a file that only this user can read, as a whole or not at all. */
  write(path: string, text: string): Promise<void>;
  remove(path: string): Promise<void>;
  exists(path: string): boolean;
  /** Registers a GitHub App through the browser of the person. */
  registerApp(request: AppRequest): Promise<AppCredentials>;
}

export interface AppRequest {
  readonly publicUrl: string;
  readonly organization?: string;
  /** Prints the address to open. */
  readonly announce: (address: string) => void;
}

/** Formats a command for a shell. */
export function shellText({ program, args, env = {} }: Command): string {
  const variables = Object.entries(env).map(([name, value]) => `${name}=${quoted(value)}`);
  return [...variables, ...[program, ...args].map(quoted)].join(' ');
}

function quoted(word: string): string {
  return /^[\w@%+=:,./<>-]+$/.test(word) ? word : shellWord(word);
}

/** Prints a command and runs it. @throws BerthError `install_failed` with the end of its output. */
export async function runShown(
  world: Pick<World, 'run' | 'print'>,
  command: Command,
  output: 'show' | 'capture' = 'show',
): Promise<string> {
  world.print(`$ ${shellText(command)}`);
  const end = await world.run(command, output);
  if (end.exitCode === 0) return end.stdout;
  throw failed(command, end);
}

/** The error of a command that failed. */
export function failed(command: Command, { exitCode, stderr }: CommandEnd): BerthError {
  const last = stderr.trim().split('\n').slice(-5).join('\n');
  const lock = /state lock(?:.|\n)*?ID: +([0-9a-f-]{36})/.exec(stderr)?.[1];
  if (lock !== undefined) {
    return new BerthError(
      'install_failed',
      'Another Terraform process holds the state lock, or was killed.',
      {
        hint: `If no other Terraform process is running: terraform ${command.args[0]} force-unlock ${lock}`,
      },
    );
  }
  return new BerthError('install_failed', `${command.program} ended with ${exitCode}. ${last}`.trim(), {
    hint: 'Correct the cause and run the same command of berth again: it continues with this step.',
  });
}
