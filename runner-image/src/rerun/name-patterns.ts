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
 * Writes a pattern that matches the full names of tests. Test names come from the code under test, so each character that
 * means something to a shell or in a pattern becomes a `.`, which matches it.
 *
 * @param options.ends the names must end where the test's name ends.
 */
export function namePattern(tests: readonly FailedTest[], { ends = true } = {}): string {
  const names = tests.flatMap(fullNames).map((name) => name.split(mark).map(literal).join('.{1,3}'));
  const any = `(?:${[...new Set(names)].join('|')})`;
  return ends ? `^${any}$` : any;
}

/** The name of a test with its suites, unless it has them already. */
export function fullName({ name, group }: FailedTest, mark = ' '): string {
  return group === '' || name.startsWith(group) ? name : `${group}${mark}${name}`;
}

/** The names by which a tool may know a test: with its suites, unless its name has them already, and without. */
export function fullNames(test: FailedTest): string[] {
  return [...new Set([fullName(test), test.name])];
}

/** Replaces what is not plain. A pattern of these characters needs no escape in quotes of any kind. */
function literal(text: string): string {
  return text.replace(/[^A-Za-z0-9_ -]/g, '.');
}
