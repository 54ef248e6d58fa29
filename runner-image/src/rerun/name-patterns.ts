/** A failed test of the earlier run. */
export interface FailedTest {
  readonly name: string;
  readonly group: string;
  /** Relative to the checkout, if it is known. */
  readonly file?: string | undefined;
}

/** Reports write the names of suites with marks between them; most tools match them with spaces. */
const mark = / [>›] /;

/**
 * Writes a pattern that matches the full names of tests. Test names come from the code under test, so no character in the
 * pattern ends a quote of any kind: a `.` matches such a character.
 *
 * @param options.isEscaped the names are as node writes them to TAP: without blanks at the end, and with escapes.
 */
export function namePattern(tests: readonly FailedTest[], { isEscaped = false } = {}): string {
  const any = anyName(tests, isEscaped ? escapedLiteral : literal);
  return isEscaped ? `^${any}\\s*$` : `^${any}$`;
}

/** Writes a pattern for Playwright, which matches the project, the file, the suites, the title, and the tags of a test. */
export function titlePattern(tests: readonly FailedTest[]): string {
  return `(?:^| )${anyName(tests, literal)}(?: @.*)?$`;
}

function anyName(tests: readonly FailedTest[], write: (text: string) => string): string {
  const names = tests.flatMap(fullNames).map((name) => name.split(mark).map(write).join('.{1,3}'));
  return `(?:${[...new Set(names)].join('|')})`;
}

/** The name of a test with its suites, unless it has them already. */
export function fullName({ name, group }: FailedTest, mark = ' '): string {
  return group === '' || name.startsWith(group) ? name : `${group}${mark}${name}`;
}

/** The names by which a tool may know a test: with its suites, unless its name has them already, and without. */
export function fullNames(test: FailedTest): string[] {
  return test.group === test.file ? [test.name] : [...new Set([fullName(test), test.name])];
}

/** Replaces what is not plain. A pattern of these characters needs no escape in quotes of any kind. */
function literal(text: string): string {
  return text.replace(/[^A-Za-z0-9_ -]/g, (character) =>
    /[.*+?(){}|=,:@/]/.test(character) ? `[${character}]` : '.',
  );
}

function escapedLiteral(text: string): string {
  return text
    .trimEnd()
    .split(/(\\[bfnrtv]|\s+)/)
    .map((part, place) => (place % 2 === 0 ? literal(part) : part.trim() === '' ? '\\s+' : '.{1,2}'))
    .join('');
}
