/** Reads the inputs of a step and collects every mistake in them. */
export interface InputReader {
  /** Trimmed; undefined if empty. */
  text(name: string): string | undefined;
  required(name: string, meaning: string): string;
  flag(name: string, otherwise: boolean): boolean;
  oneOf<Word extends string>(name: string, words: readonly Word[]): Word;
  /** Words separated by commas or line breaks. */
  words(name: string): readonly string[];
  /** Non-empty lines. */
  lines(name: string): string[];
  /** `90s`, `10m`, `1h30m` or a number of seconds, in seconds. */
  duration(name: string): number | undefined;
  number(name: string, range: { from: number; to: number; isWhole: boolean }): number | undefined;
  /** `512MB`, `4GB` or a number of MiB, in MiB. */
  memory(name: string): number | undefined;
  mistake(name: string, message: string): void;
  /** Whether any of the functions above has read this input. */
  hasRead(name: string): boolean;
  /** @throws Error that lists every mistake. */
  finish(): void;
}

/** @param getInput returns the raw text of an input, empty if it is not set. */
export function createInputReader(getInput: (name: string) => string): InputReader {
  const mistakes: string[] = [];
  const read = new Set<string>();
  const get = (name: string): string => {
    read.add(name);
    return getInput(name);
  };
  const mistake = (name: string, message: string): void => {
    mistakes.push(`${name} ${message}`);
  };
  const text = (name: string): string | undefined => get(name).trim() || undefined;

  function parsed<Value>(
    name: string,
    parse: (text: string) => Value | undefined,
    wanted: string,
  ): Value | undefined {
    const given = text(name);
    if (given === undefined) return undefined;
    const value = parse(given);
    if (value === undefined) mistake(name, `must be ${wanted}, not ${JSON.stringify(given)}.`);
    return value;
  }

  return {
    text,
    mistake,
    hasRead: (name) => read.has(name),
    required(name, meaning) {
      const given = text(name);
      if (given === undefined) mistake(name, `is required: ${meaning}.`);
      return given ?? '';
    },
    flag: (name, otherwise) => parsed(name, parseFlag, 'true or false') ?? otherwise,
    oneOf(name, words) {
      const find = (given: string) => words.find((word) => word === given.toLowerCase());
      // action.yml has the default; the first word replaces it if the input is not set at all.
      return parsed(name, find, `one of ${words.join(', ')}`) ?? first(words);
    },
    words: (name) => split(get(name), /[,\n]/),
    lines: (name) => split(get(name), /\n/),
    duration: (name) =>
      parsed(name, parseDuration, 'a duration between 1s and 24h, such as 90s, 10m or 1h30m'),
    number: (name, range) => parsed(name, (given) => parseNumber(given, range), numberWanted(range)),
    memory: (name) => parsed(name, parseMemory, 'a size such as 512MB or 4GB'),
    finish() {
      if (mistakes.length === 0) return;
      throw new Error(`The inputs of this step are invalid: ${mistakes.join(' ')}`);
    },
  };
}

function split(text: string, by: RegExp): string[] {
  return text
    .split(by)
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

function first<Word>(words: readonly Word[]): Word {
  const [word] = words;
  if (word === undefined) throw new Error('an input must have a choice');
  return word;
}

/** The boolean words of YAML. */
function parseFlag(text: string): boolean | undefined {
  if (/^true$/i.test(text)) return true;
  return /^false$/i.test(text) ? false : undefined;
}

export function parseDuration(text: string): number | undefined {
  const match = /^(?:(\d{1,6})h)?(?:(\d{1,6})m)?(?:(\d{1,6})s?)?$/.exec(text);
  if (match === null) return undefined;
  const [hours, minutes, seconds] = match.slice(1).map((digits) => Number(digits ?? 0));
  const total = (hours ?? 0) * 3600 + (minutes ?? 0) * 60 + (seconds ?? 0);
  return total >= 1 && total <= 86_400 ? total : undefined;
}

function parseNumber(
  text: string,
  { from, to, isWhole }: { from: number; to: number; isWhole: boolean },
): number | undefined {
  const value = Number(text);
  return value >= from && value <= to && (!isWhole || Number.isInteger(value)) ? value : undefined;
}

function numberWanted({ from, to, isWhole }: { from: number; to: number; isWhole: boolean }): string {
  return `a ${isWhole ? 'whole ' : ''}number from ${from} to ${to}`;
}

function parseMemory(text: string): number | undefined {
  const match = /^(\d{1,6}) ?(?:(M|G)i?B)?$/i.exec(text);
  if (match === null) return undefined;
  const mib = Number(match[1]) * (match[2]?.toUpperCase() === 'G' ? 1024 : 1);
  return mib >= 128 && mib <= 122_880 ? mib : undefined;
}
