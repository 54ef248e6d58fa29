/** Makes the address of a line of a file. */
export type SourceUrl = (path: string, line: string) => string;

/** A piece of text that leads somewhere. */
export interface TextPart {
  readonly text: string;
  readonly href?: string;
}

/** Punctuation after a URL in a sentence or in brackets is not part of it. */
const url = /https?:\/\/[^\s<>"'`]+[^\s<>"'`.,;:!?)\]}]/;
/** A path with an extension, and a line: `src/a.ts:12:5`, `src/a.py", line 12`, `src/a.cs(12,5)`. */
const file =
  /(?<![\w/.-])(?:\.\/)?((?:[\w@.+-]+\/)*[\w@+-][\w@.+-]*\.[A-Za-z]\w{0,7})(?::(\d+)(?::\d+)?|\((\d+)(?:,\d+)?\)|", line (\d+))/;
/** A longer text is not searched: no name in it is meant to be followed. */
const maxLength = 5000;
const either = new RegExp(`${url.source}|${file.source}`, 'g');

/**
 * Finds URLs, and names of files with a line.
 *
 * @param sourceUrl makes the address of a file at the commit; undefined if it is unknown.
 */
export function linkify(text: string, sourceUrl?: SourceUrl): TextPart[] {
  if (text.length > maxLength) return [{ text }];
  const parts: TextPart[] = [];
  let from = 0;
  for (const match of text.matchAll(either)) {
    const [whole, path, ...lines] = match;
    const line = lines.find((number) => number !== undefined);
    const href = path === undefined ? whole : line === undefined ? undefined : sourceUrl?.(path, line);
    if (href === undefined) continue;
    if (match.index > from) parts.push({ text: text.slice(from, match.index) });
    parts.push({ text: whole, href });
    from = match.index + whole.length;
  }
  if (from < text.length) parts.push({ text: text.slice(from) });
  return parts;
}

/** Makes addresses of files at a commit from the address of the commit on GitHub. */
export function sourceUrlFor(commitUrl: string | null): SourceUrl | undefined {
  const base = /^(https:\/\/.+)\/commit\/([0-9a-f]{7,64})$/.exec(commitUrl ?? '');
  if (base === null) return undefined;
  return (path, line) =>
    `${base[1]}/blob/${base[2]}/${path.split('/').map(encodeURIComponent).join('/')}#L${line}`;
}
