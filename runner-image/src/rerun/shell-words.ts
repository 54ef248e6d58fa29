/** One word of a command, without its quotes. */
export interface Word {
  readonly text: string;
  /** Where it is in the command. */
  readonly start: number;
  readonly end: number;
}

/**
 * Splits a command into its parts, which run one after the other until one fails.
 *
 * @returns undefined if it is more than a list of plain commands: appended arguments would not reach a tool, or would
 *   change what runs.
 */
export function splitCommand(command: string): Word[][] | undefined {
  const parts: Word[][] = [[]];
  let place = 0;
  while (place < command.length) {
    const rest = command.slice(place);
    const space = /^(?:[ \t]|\\\n)+/.exec(rest);
    const next = /^(?:&&|;|\n)/.exec(rest);
    if (space !== null) place += space[0].length;
    else if (next !== null) {
      if (parts.at(-1)?.length !== 0) parts.push([]);
      place += next[0].length;
    } else {
      const word = readWord(command, place);
      if (word === undefined) return undefined;
      parts.at(-1)?.push(word);
      place = word.end;
    }
  }
  return parts.filter((words) => words.length > 0);
}

function readWord(command: string, start: number): Word | undefined {
  if (command[start] === '#') return undefined;
  let text = '';
  let place = start;
  while (place < command.length && !/[\s;&]/.test(command[place] ?? '')) {
    const character = command[place] ?? '';
    if (/[|()<>`]/.test(character) || command.startsWith('$(', place)) return undefined;
    if (character === '\\') {
      text += command[place + 1] ?? '';
      place += 2;
    } else if (character === "'" || character === '"') {
      const quoted = readQuoted(command, place);
      if (quoted === undefined) return undefined;
      text += quoted.text;
      place = quoted.end;
    } else {
      text += character;
      place += 1;
    }
  }
  // A single `&` starts a command in the background.
  if (command[place] === '&' && command[place + 1] !== '&') return undefined;
  return place === start ? undefined : { text, start, end: place };
}

function readQuoted(command: string, start: number): { text: string; end: number } | undefined {
  const quote = command[start];
  let text = '';
  for (let place = start + 1; place < command.length; place += 1) {
    const character = command[place] ?? '';
    if (character === quote) return { text, end: place + 1 };
    if (quote === '"' && (character === '`' || command.startsWith('$(', place))) return undefined;
    if (quote === '"' && character === '\\') {
      place += 1;
      text += command[place] ?? '';
    } else text += character;
  }
  return undefined;
}
