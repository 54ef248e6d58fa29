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

/** Counts the columns that a text takes; colors take none. */
export function width(text: string): number {
  return [...text.replace(instructions, '')].length;
}

/** The text cut to at most `columns`, with an ellipsis where something is missing. */
export function cut(text: string, columns: number): string {
  const characters = [...text];
  return characters.length <= columns ? text : `${characters.slice(0, Math.max(0, columns - 1)).join('')}…`;
}

/** The first line of a command, and the number of its lines: scripts are long, and the page shows them. */
export function firstLine(command: string): string {
  const [first = '', ...more] = command.trim().split('\n');
  return `${visible(first)}${more.length > 0 ? ` … (${counted(more.length + 1, 'line')})` : ''}`;
}
