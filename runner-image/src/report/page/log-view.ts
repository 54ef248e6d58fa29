import { controlSequence, terminalLine } from '../../../../app/lib/log/terminal-line.ts';
import { element } from './dom.ts';

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
      element('span', { class: isOwn ? 'line own' : 'line' }, ...pieces(terminalLine(line), style), '\n'),
    );
  }
  return block;
}

function pieces(line: string, style: Style): Node[] {
  const found: Node[] = [];
  let start = 0;
  for (const match of line.matchAll(controlSequence)) {
    found.push(piece(line.slice(start, match.index), style));
    start = match.index + match[0].length;
    const [, , parameters] = match;
    if (parameters !== undefined) apply(parameters, style);
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
    else if (code === 38 || code === 48) {
      const [mode, index = 0] = numbers.slice(place + 1);
      // The page has the first 16 of the 256 colors, and none of the 16 million.
      if (code === 38 && mode === 5) style.color = index < 16 ? index % 8 : null;
      place += mode === 5 ? 2 : 4;
    }
  }
}
