import { element } from './dom.ts';

const escapeCharacter = String.fromCharCode(0x1b);
const bell = String.fromCharCode(0x07);
/** Matches colors and weights (SGR). Other control sequences are removed. */
const sequence = new RegExp(
  [
    `${escapeCharacter}\\[([0-9;:]*)m`,
    `${escapeCharacter}\\[[0-9;:?]*[A-Za-z]`,
    `${escapeCharacter}\\][^${bell}${escapeCharacter}]*(?:${bell}|${escapeCharacter}\\\\)`,
    `${escapeCharacter}.`,
  ].join('|'),
  'g',
);

interface Style {
  color: number | null;
  isBold: boolean;
}

/** Shows the lines as a terminal does, with colors from the page's classes. */
export function logView(lines: readonly string[]): HTMLElement {
  const block = element('pre', { class: 'log', tabindex: 0, 'aria-label': 'The last lines of the log' });
  const style: Style = { color: null, isBold: false };
  for (const line of lines) {
    const isOwn = line.startsWith('[berth] ');
    block.append(
      element('span', { class: isOwn ? 'line own' : 'line' }, ...pieces(visible(line), style), '\n'),
    );
  }
  return block;
}

/** Keeps the last version of a line that a progress bar has rewritten. */
function visible(line: string): string {
  return line.replace(/\r+$/, '').split('\r').at(-1) ?? '';
}

function pieces(line: string, style: Style): Node[] {
  const found: Node[] = [];
  let start = 0;
  for (const match of line.matchAll(sequence)) {
    found.push(piece(line.slice(start, match.index), style));
    start = match.index + match[0].length;
    if (match[1] !== undefined) apply(match[1], style);
  }
  found.push(piece(line.slice(start), style));
  return found;
}

function piece(text: string, { color, isBold }: Style): Node {
  if (color === null && !isBold) return document.createTextNode(text);
  const classes = [color === null ? '' : `ansi-${color}`, isBold ? 'ansi-bold' : ''];
  return element('span', { class: classes.join(' ').trim() }, text);
}

function apply(codes: string, style: Style): void {
  const numbers = codes.split(/[;:]/).map(Number);
  for (let place = 0; place < numbers.length; place += 1) {
    const code = numbers[place] ?? 0;
    if (code === 0) Object.assign(style, { color: null, isBold: false });
    else if (code === 1) style.isBold = true;
    else if (code === 22) style.isBold = false;
    else if (code === 39) style.color = null;
    else if (code >= 30 && code <= 37) style.color = code - 30;
    else if (code >= 90 && code <= 97) style.color = code - 90;
    // The page has none of the 256 or 16 million colors, so their numbers are skipped.
    else if (code === 38 || code === 48) place += numbers[place + 1] === 5 ? 2 : 4;
  }
}
