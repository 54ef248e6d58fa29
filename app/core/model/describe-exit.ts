import { numberText } from '../../lib/format.ts';
/** How a command ended, with what helps to explain it. */
export interface CommandEnd {
  readonly exitCode: number | null | undefined;
  /** A name such as `SIGKILL`. */
  readonly signal?: string | undefined;
  /** The memory that the task had. */
  readonly memoryMib?: number | undefined;
  /** The last lines of the log. */
  readonly logTail?: readonly string[] | undefined;
}

/** POSIX, signal.h, with the numbers of Linux. */
const signals: Readonly<Record<number, string>> = {
  1: 'SIGHUP',
  2: 'SIGINT',
  3: 'SIGQUIT',
  4: 'SIGILL',
  5: 'SIGTRAP',
  6: 'SIGABRT',
  7: 'SIGBUS',
  8: 'SIGFPE',
  9: 'SIGKILL',
  11: 'SIGSEGV',
  13: 'SIGPIPE',
  14: 'SIGALRM',
  15: 'SIGTERM',
  24: 'SIGXCPU',
  25: 'SIGXFSZ',
  31: 'SIGSYS',
};

const meanings: ReadonlyMap<string, string> = new Map([
  ['SIGABRT', ': the program stopped itself, as after a failed assertion or when its heap is full'],
  ['SIGBUS', ', a bad memory access'],
  ['SIGFPE', ', an arithmetic error'],
  ['SIGILL', ', an illegal instruction'],
  ['SIGSEGV', ', a segmentation fault'],
  ['SIGXCPU', ', a limit on CPU time'],
]);

/** Describes an end in words. A shell reports 128 + n for a program that signal n ended (POSIX, 2.8.2 "Exit Status"). */
export function describeExit(end: CommandEnd): string {
  const { exitCode, memoryMib, logTail = [] } = end;
  const signal = end.signal ?? signals[(exitCode ?? 0) - 128];
  if (signal !== undefined) return describeSignal(signal, exitCode, memoryMib);
  if (exitCode === undefined || exitCode === null) return 'It has no exit code.';
  if (exitCode === 126) return 'Exit code 126: the command is not executable.';
  const missing = missingProgram(exitCode, logTail);
  if (missing !== undefined) {
    return `Exit code ${exitCode}: ${missing} is not installed. Install it in the image or in \`setup\`.`;
  }
  return exitCode === 127 ? 'Exit code 127: a program was not found.' : `Exit code ${exitCode}.`;
}

function describeSignal(
  signal: string,
  exitCode: number | null | undefined,
  memoryMib: number | undefined,
): string {
  const code = exitCode === undefined || exitCode === null ? '' : ` (exit code ${exitCode})`;
  const text = `Killed by ${signal}${meanings.get(signal) ?? ''}${code}.`;
  if (signal !== 'SIGKILL') return text;
  const given = memoryMib === undefined ? '' : `: ${numberText(memoryMib)} MiB were available`;
  return `${text} It may have run out of memory${given}.`;
}

/** Messages of shells and tools about a missing program. */
const notFound: readonly RegExp[] = [
  /^(?:\S*\/)?(?:ba|da|z|k|a)?sh: (?:line )?\d+: (?:exec: )?([^\s:]+): (?:command )?not found$/,
  /^(?:\S*\/)?(?:ba|da|z|k|a)?sh: ([^\s:]+): (?:command )?not found$/,
  /^(?:\S*\/)?env: [‘'"]?([^\s‘’'":]+)[’'"]?: No such file or directory$/,
  /^(?:make(?:\[\d+\])?: )?([^\s:]+): (?:command not found|No such file or directory)$/,
  /exec: "([^"\s]+)": executable file not found in \$PATH/,
  /\bspawn ([^\s:]+) ENOENT\b/,
];

/** @returns the program that was not found; undefined if something else ended the command. */
export function missingProgram(exitCode: number, logTail: readonly string[]): string | undefined {
  if (exitCode === 0) return undefined;
  for (const line of logTail.toReversed().slice(0, 30)) {
    const name = notFound
      .map((pattern) => pattern.exec(line.trim())?.[1])
      .find((found) => found !== undefined);
    // Make ends with 2, npm with the code of the script.
    if (name !== undefined && (exitCode === 127 || /ENOENT|executable file|^make/.test(line))) return name;
  }
  return undefined;
}
