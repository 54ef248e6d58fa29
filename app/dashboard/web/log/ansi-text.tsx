import { omitUndefined } from '../../../lib/omit-undefined.ts';
import { type Color, parseAnsi, type Segment, type TextStyle } from './ansi.ts';
import { linkify } from './linkify.ts';
import type { LogLine } from './log-document.ts';
import { readableColor, textOn } from './readable-color.ts';

/** Half of them are the texts between the marks. */
const maxMarks = 2000;

interface Options {
  /** Text to mark. */
  readonly mark?: string | undefined;
  readonly sourceUrl?: ((path: string, line: string) => string) | undefined;
}

/** A line with its colors and links, built from text nodes: nothing that a test prints can become markup. */
export function AnsiText({ line, mark = '', sourceUrl }: { line: LogLine } & Options) {
  const segments = parseAnsi(line.text, line.style);
  return (
    <code class={line.plain.startsWith('[berth] ') ? 'own' : undefined}>
      {segments.map((segment, index) => (
        // The segments of a line never change places
        <StyledText key={index} segment={segment} mark={mark} sourceUrl={sourceUrl} />
      ))}
    </code>
  );
}

function StyledText({ segment, mark = '', sourceUrl }: { segment: Segment } & Options) {
  const { text, style, href } = segment;
  const parts = href === undefined ? linkify(text, sourceUrl) : [{ text, href }];
  const content = parts.map((part, index) =>
    part.href === undefined ? (
      marked(part.text, mark)
    ) : (
      <a key={index} href={part.href} target="_blank" rel="noreferrer noopener">
        {marked(part.text, mark)}
      </a>
    ),
  );
  const isPlain = Object.keys(style).length === 0;
  return isPlain ? (
    content
  ) : (
    <span class={classOf(style)} style={colorsOf(style)}>
      {content}
    </span>
  );
}

function classOf(style: TextStyle): string {
  const { foreground, background } = swapped(style);
  return [
    typeof foreground === 'number' && `fg-${foreground}`,
    typeof background === 'number' && `bg-${background}`,
    style.inverse === true && foreground === undefined && 'inverse',
    ...(['bold', 'dim', 'italic', 'underline', 'strike'] as const).filter((name) => style[name] === true),
  ]
    .filter((name) => name !== false)
    .join(' ');
}

/** Sets colors one by one, which the content security policy allows; a style attribute is not. */
function colorsOf(style: TextStyle): Record<string, string> {
  const { foreground, background } = swapped(style);
  const isOnColor = typeof background === 'object';
  return {
    // The default color of the text is for the background of the log.
    ...(isOnColor && foreground === undefined ? { color: rgb(textOn(background)) } : {}),
    ...(typeof foreground === 'object'
      ? { color: rgb(isOnColor ? foreground : readableColor(foreground)) }
      : {}),
    ...(isOnColor ? { backgroundColor: rgb(background) } : {}),
  };
}

function swapped({ foreground, background, inverse }: TextStyle): { foreground?: Color; background?: Color } {
  const [front, back] = inverse === true ? [background, foreground] : [foreground, background];
  return {
    ...omitUndefined({ foreground: front, background: back }),
  };
}

function rgb([red, green, blue]: readonly [number, number, number]): string {
  return `rgb(${red}, ${green}, ${blue})`;
}

function marked(text: string, mark: string): preact.ComponentChildren {
  if (mark === '') return text;
  const lowered = text.toLowerCase();
  const wanted = mark.toLowerCase();
  const parts: preact.ComponentChild[] = [];
  let from = 0;
  // A line may have more matches than anyone counts, and a page gets slow by their elements.
  for (
    let at = lowered.indexOf(wanted);
    at >= 0 && parts.length < maxMarks;
    at = lowered.indexOf(wanted, from)
  ) {
    parts.push(text.slice(from, at), <mark>{text.slice(at, at + mark.length)}</mark>);
    from = at + mark.length;
  }
  return [...parts, text.slice(from)];
}
