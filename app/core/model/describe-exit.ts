/** Signals that end programs often, by number: POSIX, signal.h. */
const signals: Readonly<Record<number, string>> = {
  6: 'ABRT',
  9: 'KILL',
  11: 'SEGV',
  13: 'PIPE',
  15: 'TERM',
};

/** An exit code in words: a shell says 128 + n of a program that signal n ended (POSIX, 2.8.2 "Exit Status"). */
export function describeExit(exitCode: number | undefined): string {
  if (exitCode === undefined) return 'It left no exit code.';
  if (exitCode === 126) return 'Exit code 126: the command was found but is not executable.';
  if (exitCode === 127) return 'Exit code 127: the command was not found.';
  const signal = exitCode > 128 ? signals[exitCode - 128] : undefined;
  return signal === undefined
    ? `Exit code ${exitCode}.`
    : `Exit code ${exitCode}: ended by signal ${signal}.`;
}
