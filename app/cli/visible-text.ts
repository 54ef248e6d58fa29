import { counted } from '../lib/format.ts';

/** Colors and other instructions to a terminal, as ECMA-48 defines them. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const instructions = /\u001b\[[0-9;?]*[ -/]*[@-~]/g;
/** Controls, and the characters that change the direction of what follows them. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const unprintable = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/**
 * Makes untrusted text safe to print in one line: the name of a branch could clear the screen or
 * forge a line.
 */
export function visible(text: string): string {
  return text.replace(unprintable, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return code === 10 ? '\\n' : `\\x${code.toString(16).padStart(2, '0')}`;
  });
}

/** East Asian wide characters and emoji take two columns (https://www.unicode.org/reports/tr11/). */
const wide =
  /^[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}|\ufe0f/u;
const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

function cells(text: string): readonly { readonly segment: string; readonly columns: number }[] {
  return [...graphemes.segment(text)].map(({ segment }) => ({
    segment,
    columns: wide.test(segment) ? 2 : 1,
  }));
}

/** Counts the columns that a text takes; colors take none. */
export function width(text: string): number {
  return cells(text.replace(instructions, '')).reduce((sum, { columns }) => sum + columns, 0);
}

/** The text cut to at most `columns`, with an ellipsis where something is missing. */
export function cut(text: string, columns: number): string {
  if (width(text) <= columns) return text;
  let left = columns - 1;
  let shown = '';
  for (const cell of cells(text)) {
    left -= cell.columns;
    if (left < 0) break;
    shown += cell.segment;
  }
  return `${shown}…`;
}

/** The first line of a command, and the number of its lines: scripts are long, and the page shows them. */
export function firstLine(command: string): string {
  const [first = '', ...more] = command.trim().split('\n');
  return `${visible(first)}${more.length > 0 ? ` … (${counted(more.length + 1, 'line')})` : ''}`;
}
