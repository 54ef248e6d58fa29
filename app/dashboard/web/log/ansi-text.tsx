import { useContext } from 'preact/hooks';
import { escapePattern } from '../../../lib/escape-pattern.ts';
import { counted } from '../lib/format.ts';
import { type Color, parseAnsi, type Segment, type TextStyle } from './ansi.ts';
import { linkify } from './linkify.ts';
import type { LogLine } from './log-document.ts';
import { type Rgb, readableColor, textOn } from './readable-color.ts';
import { SourceUrls } from './source-urls.ts';

/** A line may have more matches than anyone counts, and a page gets slow by their elements. */
const maxMarks = 1000;
/** A browser takes seconds for a line of a megabyte. */
const maxShown = 10_000;

/** A part of a line's plain text. */
interface Range {
  readonly from: number;
  readonly to: number;
}

/**
 * A line with its colors and links, built from text nodes: nothing that a test prints can become markup.
 *
 * @param mark text to mark.
 */
export function AnsiText({ line, mark = '' }: { line: LogLine; mark?: string }) {
  const { segments, hidden } = cutSegments(parseAnsi(line.text, line.style));
  const marks = marksIn(segments.map(({ text }) => text).join(''), mark);
  let start = 0;
  return (
    <code class={line.plain.startsWith('[berth] ') ? 'own' : undefined}>
      {segments.map((segment, index) => {
        const at = start;
        start += segment.text.length;
        // The segments of a line never change places
        return <StyledText key={index} segment={segment} start={at} marks={marks} />;
      })}
      {hidden > 0 && <span class="own">{` … ${counted(hidden, 'more character')}, see Raw`}</span>}
    </code>
  );
}

function cutSegments(all: readonly Segment[]): { segments: readonly Segment[]; hidden: number } {
  const length = all.reduce((sum, { text }) => sum + text.length, 0);
  if (length <= maxShown) return { segments: all, hidden: 0 };
  let room = maxShown;
  const segments = all.flatMap((segment) => {
    const text = segment.text.slice(0, room);
    room -= text.length;
    return text === '' ? [] : [{ ...segment, text }];
  });
  return { segments, hidden: length - maxShown };
}

/** Finds the matches in a line; a match may have several colors. */
function marksIn(text: string, mark: string): readonly Range[] {
  if (mark === '') return [];
  // Not by lower case, which changes the length of some letters.
  const pattern = new RegExp(escapePattern(mark), 'giu');
  const found: Range[] = [];
  for (const { index, 0: match } of text.matchAll(pattern)) {
    if (found.push({ from: index, to: index + match.length }) === maxMarks) break;
  }
  return found;
}

function StyledText({
  segment,
  start,
  marks,
}: {
  segment: Segment;
  /** Where the segment begins in the line. */
  start: number;
  marks: readonly Range[];
}) {
  const sourceUrl = useContext(SourceUrls);
  const { text, style, href } = segment;
  const parts = href === undefined ? linkify(text, sourceUrl) : [{ text, href }];
  let at = start;
  const content = parts.map((part, index) => {
    const shown = marked(part.text, at, marks);
    at += part.text.length;
    return part.href === undefined ? (
      shown
    ) : (
      <a key={index} href={part.href} target="_blank" rel="noreferrer noopener">
        {shown}
      </a>
    );
  });
  const isPlain = Object.keys(style).length === 0;
  return isPlain ? (
    content
  ) : (
    <span class={faces.filter((face) => style[face] === true).join(' ')} style={colorsOf(style)}>
      {content}
    </span>
  );
}

const faces = ['bold', 'dim', 'italic', 'underline', 'strike'] as const;

/** The 16 colors of the theme. Black is gray: the background is nearly black. */
const palette: readonly Rgb[] = [
  [139, 148, 158],
  [255, 138, 142],
  [87, 204, 129],
  [238, 176, 79],
  [134, 174, 252],
  [216, 152, 240],
  [94, 203, 217],
  [201, 209, 217],
];
const textColor = 7;

function rgbOf(color: Color): Rgb {
  if (typeof color === 'object') return color;
  return color === 15 ? [255, 255, 255] : (palette[color % palette.length] ?? [255, 255, 255]);
}

/** Sets colors one by one, which the content security policy allows; a style attribute is not. */
function colorsOf({ foreground, background, inverse }: TextStyle): Record<string, string> {
  const [front, back] = inverse === true ? [background, foreground ?? textColor] : [foreground, background];
  if (back === undefined) return front === undefined ? {} : { color: rgb(readableColor(rgbOf(front))) };
  // The default color, and those of the theme, are for the background of the log.
  const isForLog = front === undefined || (typeof front === 'number' && typeof back === 'number');
  return {
    color: rgb(isForLog ? textOn(rgbOf(back)) : rgbOf(front)),
    backgroundColor: rgb(rgbOf(back)),
  };
}

function rgb([red, green, blue]: Rgb): string {
  return `rgb(${red}, ${green}, ${blue})`;
}

function marked(text: string, start: number, marks: readonly Range[]): preact.ComponentChildren {
  const parts: preact.ComponentChild[] = [];
  let done = 0;
  for (const { from, to } of marks) {
    const [first, last] = [Math.max(from - start, 0), Math.min(to - start, text.length)];
    if (first >= last) continue;
    parts.push(text.slice(done, first), <mark>{text.slice(first, last)}</mark>);
    done = last;
  }
  return parts.length === 0 ? text : [...parts, text.slice(done)];
}
