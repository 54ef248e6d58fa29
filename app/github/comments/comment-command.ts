import { maxReservationSeconds } from '../../core/stacks/reserve-stack.ts';
import { nearestName } from '../../lib/nearest-name.ts';
import { parseDuration } from '../../lib/parse-duration.ts';

/** A command in a comment on a pull request. */
export type CommentCommand =
  | { readonly kind: 'retest'; readonly which: 'failed' | 'all' | readonly string[] }
  /** Names of suites. Empty: all active suites. */
  | { readonly kind: 'cancel'; readonly suites: readonly string[] }
  /** @property isForced also marks the dirty stacks of the branch as clean. */
  | { readonly kind: 'release'; readonly isForced?: true }
  | { readonly kind: 'reserve'; readonly seconds: number; readonly reason: string }
  | { readonly kind: 'stack' | 'unreserve' | 'help' }
  /** Without a commit: the one whose refusal was shown last. */
  | { readonly kind: 'ok-to-test'; readonly sha?: string }
  /** Resembles a command, but is not one. `advice` says what to write instead. */
  | { readonly kind: 'mistyped'; readonly typed: string; readonly advice: string };

/** The effect of each command: the text of `/help` and of docs/commands.md. */
export const commandHelp = {
  '/retest':
    'Runs the failed tests of the latest commit again: suites whose tests cannot be selected run whole. Same as `/retest failed` and `/rerun`.',
  '/retest all': 'Runs all suites of the latest commit again.',
  '/retest <suite>': 'Runs one or more suites again, with all their tests.',
  '/cancel': 'Cancels the runs of this pull request. `/cancel <suite>` cancels one suite.',
  '/release': 'Releases the stack before the pull request closes.',
  '/release force': 'Also marks the stack as clean if its teardown failed.',
  '/reserve <time> <reason>':
    'Reserves the stack of this pull request: `/reserve 2h demo for sales`. `/unreserve` ends the reservation.',
  '/stack': 'Shows the stack of the pull request, or its position in the queue.',
  '/ok-to-test':
    'Approves the latest commit of a pull request from a fork for testing. `/ok-to-test <commit>` names the commit.',
  '/help': 'Lists the commands.',
} as const;

const names = ['retest', 'cancel', 'release', 'reserve', 'unreserve', 'stack', 'ok-to-test', 'help'] as const;
type Name = (typeof names)[number];
const aliases: ReadonlyMap<string, Name> = new Map([['rerun', 'retest']]);

/** Commands of other bots that resemble Berth's: https://prow.k8s.io/command-help */
const foreign: ReadonlySet<string> = new Set(
  'approve assign backport bark build cc check cherry-pick cherrypick close deploy halt hello hey hold honk joke label lgtm meow merge override pony priority rebase reject releases reopen repeat request reset resolve retitle revert review run shrug skip squash stage stale start stash stats test unhold unstack woof'.split(
    ' ',
  ),
);

/** The most commands that one comment can contain. */
const maxCommands = 10;

/**
 * Returns the commands in a comment. A command is at the start of a line, outside quotes, code, and HTML comments.
 * Ignores everything else, including commands of other bots. A word that is almost a command gets advice.
 *
 * @param body the comment in Markdown.
 */
export function parseComment(body: string): CommentCommand[] {
  const found = new Map<string, CommentCommand>();
  for (const line of commandLines(body)) {
    const command = parseLine(line);
    // A repeated command runs once.
    if (command !== undefined) found.set(JSON.stringify(command), command);
    if (found.size === maxCommands) break;
  }
  return [...found.values()];
}

/** Returns the lines outside quotes, code, and HTML comments. */
function commandLines(body: string): string[] {
  const spoken: string[] = [];
  let isEnd: ((line: string) => boolean) | undefined;
  let isHidden = false;
  const isQuoted = createQuotes();
  for (const whole of body.split(/\r\n|\r|\n/)) {
    if (isEnd !== undefined) {
      if (isEnd(whole)) isEnd = undefined;
      continue;
    }
    const { line, isOpen } = withoutComments(whole, isHidden);
    isHidden = isOpen;
    isEnd = endOfFence(line) ?? endOfMarkup(line);
    // Four spaces start code.
    if (!isQuoted(line) && isEnd === undefined && /^ {0,3}\//.test(line)) spoken.push(line.trim());
  }
  return spoken;
}

const listMarkers = /^ {0,3}(?:(?:[-*+]|\d{1,9}[.)]) {1,4}){0,9}/;
const fenceStart = new RegExp(`${listMarkers.source}(\`{3,}|~{3,})`);
/** Blank lines, headings, rules, code, and markup: these end a paragraph, and do not begin one. */
const noParagraph =
  /^(?:\s*$| {0,3}(?:#{1,6}(?:\s|$)|(?:={1,200}|-{1,200}|\*{3,200}|_{3,200})\s*$|`{3}|~{3}|<[a-z/!?]))/i;

/**
 * Follows the quotes of a comment. As GitHub shows it, a quoted paragraph continues in lines without `>`:
 * https://spec.commonmark.org/0.31.2/#paragraph-continuation-text
 *
 * @returns whether the next line is in a quote.
 */
function createQuotes(): (line: string) => boolean {
  let isParagraph = false;
  let isEnd: ((line: string) => boolean) | undefined;
  return (line) => {
    const mark = /^ {0,3}(?:> ?)+/.exec(line)?.[0];
    if (mark === undefined) {
      isEnd = undefined;
      isParagraph &&= !noParagraph.test(line) && (listMarkers.exec(line)?.[0].trim() ?? '') === '';
      return isParagraph;
    }
    const quoted = line.slice(mark.length);
    const text = quoted.replace(listMarkers, '');
    if (isEnd !== undefined) isEnd = isEnd(quoted) ? undefined : isEnd;
    else {
      isEnd = endOfFence(quoted);
      isParagraph = !noParagraph.test(text) && (isParagraph || !text.startsWith('    '));
    }
    return true;
  };
}

/** @returns what ends the block of code that a line begins, even in a list. After backticks, there is no other backtick. */
function endOfFence(line: string): ((line: string) => boolean) | undefined {
  const [all = '', mark] = fenceStart.exec(line) ?? [];
  if (mark === undefined || (mark.startsWith('`') && line.includes('`', all.length))) return undefined;
  const column = all.length - mark.length;
  return (other) => closes(other, mark, column);
}

/** @returns what ends the preformatted text that a line begins, in which GitHub reads no Markdown. */
function endOfMarkup(line: string): ((line: string) => boolean) | undefined {
  const name = /^ {0,3}<(pre|script|style|textarea)(?:[\s>]|$)/i.exec(line)?.[1]?.toLowerCase();
  if (name === undefined) return undefined;
  const ends = (other: string): boolean => other.toLowerCase().includes(`</${name}>`);
  return ends(line) ? undefined : ends;
}

/** Removes the HTML comments of a line. @returns also whether one continues on the next line. */
function withoutComments(whole: string, isHidden: boolean): { line: string; isOpen: boolean } {
  const line = (isHidden ? `<!--${whole}` : whole).replace(/<!--.*?-->/g, '');
  const start = line.indexOf('<!--');
  return start === -1 ? { line, isOpen: false } : { line: line.slice(0, start), isOpen: true };
}

/** A fence ends at a fence of the same kind and at least the same length, with nothing after it, and hardly farther to the right. */
function closes(line: string, fence: string, column: number): boolean {
  const [, blanks = '', mark] = /^( *)(`{3,}|~{3,})\s*$/.exec(line) ?? [];
  return (
    mark !== undefined && blanks.length <= column + 3 && mark[0] === fence[0] && mark.length >= fence.length
  );
}

function parseLine(line: string): CommentCommand | undefined {
  // People end sentences: `/retest.`
  const [, typed, rest] = /^\/([A-Za-z][A-Za-z-]{0,30})[.,;:!?]*(?:\s+(.*))?$/.exec(line) ?? [];
  if (typed === undefined) return undefined;
  const lower = typed.toLowerCase();
  if (foreign.has(lower)) return undefined;
  const words = (rest ?? '')
    .split(/[\s,]+/)
    .map((word) => withoutEnd(word, '.,;:!?'))
    .filter((word) => word !== '');
  const name = names.find((one) => one === lower) ?? aliases.get(lower);
  if (name === 'reserve') return reservation(rest ?? '');
  if (name !== undefined) return parsedCommand(name, words);
  const nearest = nearestName(typed, names);
  // A word that begins with another letter is probably not a typo.
  if (nearest === undefined || nearest[0] !== lower[0]) return undefined;
  return { kind: 'mistyped', typed: `/${typed}`, advice: `Did you mean \`/${nearest}\`?` };
}

/** The suite that a word names: also by the name of its check, `berth/unit`, and quoted or in bold. */
function suiteOf(word: string): string {
  const bare = withoutEnd(word.replace(/^[`"'*]+/, ''), '`"\'*.,;:!?');
  return bare.replace(/^berth\//i, '');
}

/** Removes characters at the end. A pattern for it tries each of thousands in a row: people can write anything. */
function withoutEnd(word: string, characters: string): string {
  let end = word.length;
  while (end > 0 && characters.includes(word.charAt(end - 1))) end -= 1;
  return word.slice(0, end);
}

const suiteName = /^(?:deploy\/)?[A-Za-z0-9][A-Za-z0-9._-]{0,49}$/;

/** `2h demo for sales` */
function reservation(text: string): CommentCommand {
  const [, time = '', reason = ''] = /^(\S+)\s+(.{1,200}?)\s*$/.exec(text) ?? [];
  const seconds = parseDuration(time);
  if (seconds !== undefined && seconds <= maxReservationSeconds) return { kind: 'reserve', seconds, reason };
  const advice = 'Add a time of at most 30 days and a reason: `/reserve 2h demo for sales`.';
  return { kind: 'mistyped', typed: '/reserve', advice };
}

function parsedCommand(name: Exclude<Name, 'reserve'>, words: readonly string[]): CommentCommand {
  if (name === 'retest' || name === 'cancel') return ofSuites(name, words.map(suiteOf));
  const [word] = words;
  if (name === 'ok-to-test' && word !== undefined && words.length === 1) return approval(word);
  if (name === 'release' && words.length === 1 && word?.toLowerCase() === 'force')
    return { kind: 'release', isForced: true };
  if (word !== undefined)
    return { kind: 'mistyped', typed: `/${name}`, advice: `Write nothing after \`/${name}\`.` };
  return { kind: name };
}

function ofSuites(name: 'retest' | 'cancel', suites: readonly string[]): CommentCommand {
  if (suites.some((suite) => !suiteName.test(suite))) {
    const advice = `Write only suite names after \`/${name}\`, or nothing.`;
    return { kind: 'mistyped', typed: `/${name}`, advice };
  }
  const isAll = suites.length === 1 && suites[0]?.toLowerCase() === 'all';
  if (name === 'cancel') return { kind: 'cancel', suites: isAll ? [] : suites };
  const isFailed = suites.length === 0 || (suites.length === 1 && suites[0]?.toLowerCase() === 'failed');
  return { kind: 'retest', which: isAll ? 'all' : isFailed ? 'failed' : suites };
}

function approval(word: string): CommentCommand {
  const sha = word.replaceAll('`', '').toLowerCase();
  if (/^[0-9a-f]{7,64}$/.test(sha)) return { kind: 'ok-to-test', sha };
  const advice = 'Write a commit of at least 7 characters after `/ok-to-test`, or nothing.';
  return { kind: 'mistyped', typed: '/ok-to-test', advice };
}
