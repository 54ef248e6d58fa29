import { type CaseDraft, secondsOf } from '../result-case.ts';
import { meaningOf, outcomeOf, type SumName } from '../result-words.ts';

/** One test, as a line of the output names it. */
export interface NamedTest {
  /** If omitted, the group. */
  readonly name?: string | undefined;
  readonly group?: string | undefined;
  readonly outcome?: CaseDraft['outcome'] | undefined;
  readonly seconds?: number | undefined;
  readonly file?: string | undefined;
  readonly line?: number | undefined;
  readonly message?: string | undefined;
  readonly flaky?: boolean | undefined;
  /** How far the line is indented, where headings name the group. */
  readonly indent?: number | undefined;
}

export type Sums = Partial<Record<SumName, number>>;

/** Results of the lines before. */
export interface Seen {
  readonly tests: readonly CaseDraft[];
  readonly context: NamedTest;
}

type Patterns = RegExp | readonly RegExp[];
/** Patterns with named groups, or a function where patterns do not suffice. */
type Reads<T> = Patterns | ((line: string, seen: Seen) => T | undefined);

/** How a test tool prints its results. */
export interface ToolFormat {
  readonly tool: string;
  /** The summary only counts after such a line, because other tools print similar ones. */
  readonly start?: Patterns;
  /** Says of the tests after it what their own lines do not: the groups of `test`. */
  readonly context?: Patterns;
  /** Names the group of the tests that are indented more. Groups: `indent`, `name`. */
  readonly heading?: Patterns;
  /**
   * The result of one test. Groups: `name`, `group`, `file`, `line`, `time`, `indent`, and `word`, or `flag` in place of it,
   * for the outcome. Without these, the test passed.
   */
  readonly test?: Reads<NamedTest>;
  /** Position of a failed test's output, relative to the line with its result. */
  readonly output?: 'before' | 'after';
  /** With `output: 'before'`: the output of a test begins after the line. */
  readonly begins?: Patterns;
  /** Begins and ends the list of failures. Only lines in it are failures, and none of them is a test. */
  readonly details?: Patterns;
  readonly detailsEnd?: Patterns;
  /** Begins the description of a failed test. Groups as those of `test`. */
  readonly failure?: Reads<NamedTest>;
  /** Continues the name of the failed test. Groups: `text`, and `end` if the name is complete. */
  readonly title?: RegExp;
  /** Ends the description of a failed test. */
  readonly stop?: Patterns;
  /**
   * A part of the summary. The parts are added up. Groups: words for a result, with its number, and `counts`, which holds
   * both words and numbers.
   */
  readonly summary: Reads<Sums>;
  /** The summary does not always say how many tests passed; all of them are listed. */
  readonly listsPassed?: boolean;
}

/** A format, or what creates one that remembers lines. */
export type CreateFormat = ToolFormat | (() => ToolFormat);

type Groups = Readonly<Record<string, string | undefined>>;

/** @returns a function that reads a line */
export function readsOf<T>(
  how: Reads<T> | undefined,
  convert: (groups: Groups) => T,
): (line: string, seen: Seen) => T | undefined {
  if (typeof how === 'function') return how;
  const patterns = [how ?? []].flat();
  return (line) => {
    for (const pattern of patterns) {
      const found = pattern.exec(line);
      if (found !== null) return convert(found.groups ?? {});
    }
    return undefined;
  };
}

export function matcherOf(how: Patterns | undefined): (line: string) => boolean {
  const patterns = [how ?? []].flat();
  return (line) => patterns.some((pattern) => pattern.test(line));
}

export function testOf({ name, group, file, line, time, word, flag, indent }: Groups): NamedTest {
  const said = flag ?? word;
  return {
    name,
    group,
    file,
    line: line === undefined ? undefined : Number(line),
    seconds: time === undefined ? undefined : secondsOf(time),
    outcome: said === undefined ? undefined : outcomeOf(said),
    indent: indent?.length,
  };
}

/** `2 failed`, `2 scenarios failed`, `failures=2`, `Failed: 2`, `fail 2` */
const counted =
  /\b(\d+) (?:scenarios? |tests? |exec )?(\w+)\b(?! as expected)|\b((?:(?:un)?expected )?[a-z]+)[:=]? *(\d+)/gi;

export function sumsOf({ counts = '', ...named }: Groups): Sums {
  const sums: Sums = {};
  const add = (word: string, count: string) => {
    const name = meaningOf(word);
    if (name !== undefined) sums[name] = (sums[name] ?? 0) + Number(count);
  };
  for (const [word, count] of Object.entries(named)) if (count !== undefined) add(word, count);
  for (const [, before = '', after, word = '', count = ''] of counts.matchAll(counted)) {
    if (after === undefined) add(word, count);
    else add(after, before);
  }
  return sums;
}
