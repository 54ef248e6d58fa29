/** The placeholders of a `rerun` command: the failed tests, and the files that they are in. */
export const rerunPlaceholder = /\{(tests|files)\}/g;

/** More failed tests than this are not selected: the whole suite runs. */
export const mostSelectedTests = 500;

/**
 * Checks the command that runs only failed tests.
 *
 * The placeholders become quoted words, so they must not be within quotes: quotes there would end the quotes around a
 * name, and the shell would run what is in it.
 *
 * @returns what is wrong with it, or undefined.
 */
export function rerunMistake(command: string): string | undefined {
  if (command.search(rerunPlaceholder) === -1) return 'must contain {tests} or {files}';
  const isQuoted = [...command.matchAll(rerunPlaceholder)].some(({ index }) =>
    isWithinQuotes(command, index),
  );
  return isQuoted
    ? 'must not have {tests} or {files} within quotes, a comment, or a here-document: Berth quotes each of them'
    : undefined;
}

/** Whether a place of a command is within quotes, a comment, a substitution or a here-document. */
function isWithinQuotes(command: string, at: number): boolean {
  const before = command.slice(0, at);
  if (/<<|`|\$\(|(?:^|\s)#/.test(before)) return true;
  let quote: string | undefined;
  for (let place = 0; place < before.length; place += 1) {
    const character = before[place];
    if (character === '\\' && quote !== "'") place += 1;
    else if (quote === undefined && (character === "'" || character === '"')) quote = character;
    else if (character === quote) quote = undefined;
  }
  return quote !== undefined || before.endsWith('\\');
}

/** Whether a command for the shell can be written: quoting is that of POSIX. */
export function isPosixShell(shell: string | undefined): boolean {
  return shell === undefined || /^(?:\S*\/)?(?:ba|da|k|z|a)?sh(?:\s|$)/.test(shell);
}
