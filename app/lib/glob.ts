/**
 * Globs with the syntax of GitHub Actions, matched in time that grows with the length of the pattern times that of the
 * text, whatever either contains: users write the patterns, and a backtracking matcher can be made to run for hours.
 *
 * - `*` matches within one path segment, `?` one character of it, `[abc]`, `[a-z]` and `[!a]` one of a set, `[0-9]+` one
 *   or more of a set. (In GitHub Actions, `?` makes the character before it optional.)
 * - `**` matches any number of segments; `a/**` matches everything below `a`, and `**.js` each path that ends so.
 * - `{a,b}` matches either; braces may be nested.
 * - `\` takes the next character literally. Names that begin with a dot are matched like others.
 */
export type GlobMatcher = (text: string, budget?: MatchBudget) => boolean;

/** Limits the work of many matches together. Each match subtracts the steps that it takes. */
export interface MatchBudget {
  steps: number;
}

/** A pattern that is too long, expands to too many alternatives, or exceeds a budget. Its message says what to do. */
export class GlobError extends Error {
  override readonly name = 'GlobError';
}

export const globLimits = {
  patternLength: 500,
  alternatives: 200,
  patterns: 200,
  /** Limits of all patterns of a list, with their alternatives written out. */
  listLength: 20_000,
} as const;

/** One step of a pattern. */
type Token =
  | { readonly kind: 'text'; readonly character: string }
  | { readonly kind: 'one' }
  | {
      readonly kind: 'set';
      readonly negated: boolean;
      readonly repeats: boolean;
      readonly ranges: readonly (readonly [string, string])[];
    }
  | { readonly kind: 'star' }
  /** Any number of whole segments, each with its `/`. */
  | { readonly kind: 'segments' }
  /** Anything, `/` included. */
  | { readonly kind: 'rest' };

/**
 * Compiles one glob, without a meaning for a leading `!`.
 *
 * @throws GlobError
 */
export function compileGlob(pattern: string): GlobMatcher {
  const programs = expandBraces(pattern).map(programOf);
  return (text, budget) =>
    programs.some(
      ({ tokens, prefix, suffix }) =>
        text.startsWith(prefix) && text.endsWith(suffix) && runs(tokens, text, budget),
    );
}

/** Most texts differ from a pattern at its literal start or end, which is cheap to see. */
function programOf(pattern: string): { tokens: readonly Token[]; prefix: string; suffix: string } {
  const tokens = tokensOf(pattern);
  const first = tokens.findIndex(({ kind }) => kind !== 'text');
  const last = tokens.findLastIndex(({ kind }) => kind !== 'text');
  const literal = (part: readonly Token[]) =>
    part.map((token) => (token.kind === 'text' ? token.character : '')).join('');
  return {
    tokens,
    prefix: literal(first === -1 ? tokens : tokens.slice(0, first)),
    suffix: literal(tokens.slice(last + 1)),
  };
}

/**
 * Compiles a list of globs, read in order: a later `!pattern` excludes what earlier ones included, and a list of only
 * exclusions begins with everything.
 *
 * @throws GlobError
 */
export function compileGlobs(patterns: readonly string[]): GlobMatcher {
  if (patterns.length > globLimits.patterns) {
    throw new GlobError(`A list has ${patterns.length} patterns. The limit is ${globLimits.patterns}.`);
  }
  const length = patterns.reduce((sum, pattern) => sum + expandBraces(pattern).join('').length, 0);
  if (length > globLimits.listLength) {
    throw new GlobError(
      `A list of patterns has ${length} characters, alternatives included. The limit is ${globLimits.listLength}.`,
    );
  }
  const rules = patterns.map((pattern) => {
    const excludes = pattern.startsWith('!');
    return { excludes, matches: compileGlob(excludes ? pattern.slice(1) : pattern) };
  });
  const startsIncluded = rules.every(({ excludes }) => excludes);
  return (text, budget) =>
    rules.reduce(
      (isIn, { excludes, matches }) => (isIn === excludes && matches(text, budget) ? !excludes : isIn),
      startsIncluded,
    );
}

/** Follows all paths through the pattern together, so each character of the text is read only once. */
function runs(tokens: readonly Token[], text: string, budget: MatchBudget | undefined): boolean {
  let states = new Set<number>();
  reach(states, tokens, 0);
  let isSegmentStart = true;
  for (const character of text) {
    if (budget !== undefined) spend(budget, states.size);
    const next = new Set<number>();
    for (const state of states) step(tokens, state, character, isSegmentStart, next);
    if (next.size === 0) return false;
    states = next;
    isSegmentStart = character === '/';
  }
  return states.has(tokens.length);
}

function spend(budget: MatchBudget, steps: number): void {
  budget.steps -= steps;
  if (budget.steps < 0) {
    throw new GlobError('Matching the patterns takes too long. Use fewer patterns, with fewer wildcards.');
  }
}

/** Adds a state, and those that it reaches without a character. */
function reach(states: Set<number>, tokens: readonly Token[], state: number): void {
  states.add(state);
  const kind = tokens[state]?.kind;
  if (kind === 'star' || kind === 'segments' || kind === 'rest') reach(states, tokens, state + 1);
}

function step(
  tokens: readonly Token[],
  state: number,
  character: string,
  isSegmentStart: boolean,
  next: Set<number>,
): void {
  const token = tokens[state];
  if (token === undefined) return;
  switch (token.kind) {
    case 'text':
      if (token.character === character) reach(next, tokens, state + 1);
      return;
    case 'one':
      if (character !== '/') reach(next, tokens, state + 1);
      return;
    case 'set':
      if (character === '/' || !isInSet(token, character)) return;
      reach(next, tokens, state + 1);
      if (token.repeats) next.add(state);
      return;
    case 'star':
      if (character !== '/') reach(next, tokens, state);
      return;
    case 'rest':
      reach(next, tokens, state);
      return;
    case 'segments':
      // `**/a` does not match `/a`: an empty segment does not count.
      if (character !== '/') next.add(state);
      else if (!isSegmentStart) reach(next, tokens, state);
  }
}

function isInSet({ negated, ranges }: Extract<Token, { kind: 'set' }>, character: string): boolean {
  return ranges.some(([from, to]) => from <= character && character <= to) !== negated;
}

function tokensOf(pattern: string): Token[] {
  const characters = [...pattern];
  const tokens: Token[] = [];
  for (let at = 0; at < characters.length; at += 1) {
    const character = characters[at] ?? '';
    if (character === '*') {
      let end = at;
      while (characters[end + 1] === '*') end += 1;
      const isWhole = end > at && (at === 0 || characters[at - 1] === '/');
      const after = characters[end + 1];
      if (isWhole && after === '/') {
        tokens.push({ kind: 'segments' });
        end += 1;
      } else {
        tokens.push({ kind: end > at ? 'rest' : 'star' });
      }
      at = end;
    } else if (character === '?') {
      tokens.push({ kind: 'one' });
    } else if (character === '[') {
      const set = setAt(characters, at);
      tokens.push(set?.token ?? { kind: 'text', character });
      at = set?.end ?? at;
    } else {
      const isEscape = character === '\\' && at + 1 < characters.length;
      if (isEscape) at += 1;
      tokens.push({ kind: 'text', character: characters[at] ?? character });
    }
  }
  return tokens;
}

/** @returns undefined if the bracket is not closed: then it is a literal bracket. */
function setAt(
  characters: readonly string[],
  start: number,
): { readonly token: Extract<Token, { kind: 'set' }>; readonly end: number } | undefined {
  let at = start + 1;
  const negated = characters[at] === '!' || characters[at] === '^';
  if (negated) at += 1;
  const ranges: [string, string][] = [];
  // A bracket that comes first is a member.
  for (const first = at; characters[at] !== ']' || at === first; at += 1) {
    if (characters[at] === '\\') at += 1;
    const from = characters[at];
    if (from === undefined) return undefined;
    const to = characters[at + 2];
    if (characters[at + 1] === '-' && to !== undefined && to !== ']') {
      ranges.push([from, to]);
      at += 2;
    } else {
      ranges.push([from, from]);
    }
  }
  const repeats = characters[at + 1] === '+';
  return { token: { kind: 'set', negated, ranges, repeats }, end: repeats ? at + 1 : at };
}

/**
 * Replaces `{a,b}` by one pattern for each alternative.
 *
 * @throws GlobError
 */
export function expandBraces(pattern: string): string[] {
  if (pattern.length > globLimits.patternLength) {
    throw new GlobError(
      `The pattern '${pattern.slice(0, 40)}…' has ${pattern.length} characters. The limit is ${globLimits.patternLength}.`,
    );
  }
  let done: string[] = [];
  for (let left = [pattern]; left.length > 0; ) {
    const next: string[] = [];
    for (const each of left) {
      const braces = firstBraces(each);
      if (braces === undefined) done = [...done, each];
      else next.push(...braces.options.map((option) => braces.before + option + braces.after));
      if (done.length + next.length > globLimits.alternatives) {
        throw new GlobError(
          `The pattern '${pattern.slice(0, 40)}' has more than ${globLimits.alternatives} alternatives. Write fewer.`,
        );
      }
    }
    left = next;
  }
  return done;
}

interface Braces {
  readonly before: string;
  readonly options: readonly string[];
  readonly after: string;
}

/** The first braces that are closed and contain a comma; others are literal characters. */
function firstBraces(pattern: string): Braces | undefined {
  const open: { readonly at: number; readonly commas: number[] }[] = [];
  let found: { start: number; commas: readonly number[]; end: number } | undefined;
  for (let at = 0; at < pattern.length; at += 1) {
    const character = pattern[at];
    if (character === '\\') at += 1;
    else if (character === '{') open.push({ at, commas: [] });
    else if (character === ',') open.at(-1)?.commas.push(at);
    else if (character === '}') {
      const braces = open.pop();
      if (braces === undefined || braces.commas.length === 0) continue;
      if (found === undefined || braces.at < found.start) {
        found = { start: braces.at, commas: braces.commas, end: at };
      }
      if (open.length === 0) break;
    }
  }
  if (found === undefined) return undefined;
  const { start, commas, end } = found;
  const bounds = [start, ...commas, end];
  return {
    before: pattern.slice(0, start),
    options: bounds.slice(1).map((bound, place) => pattern.slice((bounds[place] ?? 0) + 1, bound)),
    after: pattern.slice(end + 1),
  };
}
