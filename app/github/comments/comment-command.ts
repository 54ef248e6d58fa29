import { nearestName } from '../../lib/nearest-name.ts';

/** What a comment on a pull request asks for. */
export type CommentCommand =
  | { readonly kind: 'retest'; readonly which: 'failed' | 'all' | readonly string[] }
  /** Names of suites; none: all that run. */
  | { readonly kind: 'cancel'; readonly suites: readonly string[] }
  | { readonly kind: 'release' | 'stack' | 'ok-to-test' | 'help' }
  /** Meant for Berth by its looks, but not understood; `advice` says what to write instead. */
  | { readonly kind: 'mistyped'; readonly typed: string; readonly advice: string };

/** What each command does: the text of `/help`, and of docs/commands.md. */
export const commandHelp = {
  '/retest': 'runs the failed suites of the latest commit again (the same as `/retest failed`)',
  '/retest all': 'runs every suite of the latest commit again',
  '/retest <suite>': 'runs one suite again; several may be named',
  '/cancel': 'cancels what runs for this pull request; `/cancel <suite>` cancels one suite',
  '/release': 'gives the stack back before the pull request closes',
  '/stack': 'tells which stack the pull request holds, or its place in line',
  '/ok-to-test': 'lets the tests of a fork’s pull request run, for its latest commit',
  '/help': 'shows this list',
} as const;

const names = ['retest', 'cancel', 'release', 'stack', 'ok-to-test', 'help'] as const;
type Name = (typeof names)[number];

/** More than anybody means to say at once. */
const maxCommands = 10;

/**
 * The commands in a comment: each at the start of a line, outside of quotes, code and HTML comments. Silent on
 * everything else, other programs' commands included; a word that is nearly a command gets advice.
 *
 * @param body the comment as it was written, in Markdown.
 */
export function parseComment(body: string): CommentCommand[] {
  const found = new Map<string, CommentCommand>();
  for (const line of spokenLines(body)) {
    const command = parseLine(line);
    // Saying a thing twice is saying it once.
    if (command !== undefined) found.set(JSON.stringify(command), command);
    if (found.size === maxCommands) break;
  }
  return [...found.values()];
}

/** The lines that the writer says in their own voice. */
function spokenLines(body: string): string[] {
  const withoutComments = body.replace(/<!--[\s\S]*?(-->|$)/g, '');
  const spoken: string[] = [];
  let fence: string | undefined;
  for (const line of withoutComments.split(/\r\n|\r|\n/)) {
    const mark = /^ {0,3}(`{3,}|~{3,})/.exec(line)?.[1];
    if (fence === undefined && mark !== undefined) fence = mark;
    else if (fence !== undefined && closes(line, fence)) fence = undefined;
    // Four columns make code, a `>` makes a quote; neither can stand before a command.
    else if (fence === undefined && /^ {0,3}\//.test(line)) spoken.push(line.trim());
  }
  return spoken;
}

/** A fence ends at one of its own kind that is as long, with nothing after it. */
function closes(line: string, fence: string): boolean {
  const mark = /^ {0,3}(`{3,}|~{3,})\s*$/.exec(line)?.[1];
  return mark !== undefined && mark[0] === fence[0] && mark.length >= fence.length;
}

function parseLine(line: string): CommentCommand | undefined {
  const [, typed, rest] = /^\/([A-Za-z][A-Za-z-]{0,30})(?:\s+(.*))?$/.exec(line) ?? [];
  if (typed === undefined) return undefined;
  const words = (rest ?? '').split(/[\s,]+/).filter((word) => word !== '');
  const name = names.find((one) => one === typed.toLowerCase());
  if (name !== undefined) return understood(name, words);
  const nearest = nearestName(typed, names);
  if (nearest === undefined) return undefined;
  return { kind: 'mistyped', typed: `/${typed}`, advice: `Did you mean \`/${nearest}\`?` };
}

function understood(name: Name, words: readonly string[]): CommentCommand {
  const suiteName = /^[A-Za-z0-9][A-Za-z0-9._-]{0,49}$/;
  const odd = words.find((word) => !suiteName.test(word));
  if (name === 'retest' || name === 'cancel') {
    if (odd !== undefined) {
      return {
        kind: 'mistyped',
        typed: `/${name}`,
        advice: `After \`/${name}\` come names of suites, or nothing.`,
      };
    }
    return name === 'cancel'
      ? { kind: 'cancel', suites: words }
      : { kind: 'retest', which: whichSuites(words) };
  }
  if (words.length > 0) {
    return { kind: 'mistyped', typed: `/${name}`, advice: `\`/${name}\` stands alone on its line.` };
  }
  return { kind: name };
}

function whichSuites(words: readonly string[]): 'failed' | 'all' | readonly string[] {
  const [only] = words;
  if (only === undefined) return 'failed';
  const lower = only.toLowerCase();
  return words.length === 1 && (lower === 'all' || lower === 'failed') ? lower : words;
}
