import { access, constants, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { RunnerError } from '../runner-error.ts';

export interface Shell {
  readonly file: string;
  /** All arguments, of which one is the command or its file. */
  argsOf(command: string): Promise<readonly string[]>;
}

interface ShellOptions {
  /** The `PATH` of the command. */
  readonly path: string;
  /** Where the file of a script is written; the command reads it. */
  readonly directory: string;
}

const bashArgs = ['-e', '-o', 'pipefail', '-c'];
const shArgs = ['-e', '-c'];

/**
 * Finds the shell of a job.
 *
 * @param wanted `bash`, `sh`, or a command in which `{0}` is the file of the script. If omitted, bash if it is installed,
 *   otherwise sh.
 * @throws RunnerError `command_not_started` if it is not installed
 */
export async function findShell(wanted: string | undefined, options: ShellOptions): Promise<Shell> {
  if (wanted === undefined || wanted === 'bash') {
    const bash = await findProgram('bash', options.path);
    if (bash !== undefined) return inline(bash, bashArgs);
    if (wanted === 'bash') throw missing('bash');
    return inline('/bin/sh', shArgs);
  }
  if (wanted === 'sh') return inline('/bin/sh', shArgs);
  const [program = '', ...args] = wanted.trim().split(/\s+/);
  const file = await findProgram(program, options.path);
  if (file === undefined) throw missing(program);
  let scripts = 0;
  return {
    file,
    async argsOf(command) {
      scripts += 1;
      const script = join(options.directory, `berth-script-${scripts}`);
      await writeFile(script, command.endsWith('\n') ? command : `${command}\n`, { mode: 0o600 });
      return args.map((argument) => argument.replace('{0}', () => script));
    },
  };
}

function inline(file: string, args: readonly string[]): Shell {
  return { file, argsOf: async (command) => [...args, command] };
}

/** @returns the path of a program in the directories of `path`. */
export async function findProgram(name: string, path: string): Promise<string | undefined> {
  if (name.startsWith('/')) return (await isExecutable(name)) ? name : undefined;
  if (name.includes('/')) return undefined;
  for (const directory of path.split(delimiter).filter((entry) => entry.startsWith('/'))) {
    const file = join(directory, name);
    if (await isExecutable(file)) return file;
  }
  return undefined;
}

function isExecutable(file: string): Promise<boolean> {
  return access(file, constants.X_OK).then(
    () => true,
    () => false,
  );
}

function missing(program: string): RunnerError {
  return new RunnerError(
    'command_not_started',
    `The shell ${program} of the suite is not installed: install it in the image, or correct \`shell\`.`,
  );
}
