/** Makes markup that tools write carelessly readable, while it streams. */
export interface XmlRepair {
  write(text: string): string;
  /** Call once, after the last text. */
  end(): string;
}

/** Elements that hold text, or other elements of this list. Any other tag in them is text that was not escaped. */
const textElements = new Set([
  'failure',
  'error',
  'system-out',
  'system-err',
  'message',
  'stack-trace',
  'stacktrace',
  'stdout',
  'stderr',
  'output',
  'reason',
  'errorinfo',
  'flakyfailure',
  'flakyerror',
  'rerunfailure',
  'rerunerror',
  'skipped',
]);
const entity = /^&(?:#\d{1,7}|#x[\da-f]{1,6}|[a-z]\w{0,15});/i;
const closingQuote = /^["']\s*(?:\/?>|\?>|[\w:.-]+\s*=\s*["'])/;
const anyTag = /^<\/?(?:[\w.-]+:)?([A-Za-z][\w.-]*)/;
/** Number of characters after a character that decide its meaning. */
const lookahead = 300;

type Place =
  | { kind: 'text' }
  | { kind: 'tag' }
  | { kind: 'value'; quote: string }
  | { kind: 'raw'; end: string };

/**
 * Escapes `<`, `&` and quotes that stand for themselves: in attributes, and markup within the text of a failure. A byte
 * order mark and blanks before the document are removed. Documents that follow each other in one file are one.
 */
export function createXmlRepair(): XmlRepair {
  let held = '';
  let place: Place = { kind: 'text' };
  let isStart = true;
  let hasContent = false;
  /** Whether the text is that of a text element. */
  let textDepth = 0;
  let openName = '';
  let isClosing = false;

  function repair(text: string, safeEnd: number): string {
    const parts: string[] = [];
    let at = 0;
    while (at < safeEnd) {
      const next = nextSpecial(text, at, place);
      const end = Math.min(next, safeEnd);
      parts.push(text.slice(at, end));
      at = end;
      if (at < safeEnd) at = special(text, at, parts);
    }
    held = text.slice(at);
    return parts.join('');
  }

  function special(text: string, at: number, parts: string[]): number {
    if (place.kind === 'raw') {
      parts.push(place.end);
      const next = at + place.end.length;
      place = { kind: 'text' };
      return next;
    }
    const rest = text.slice(at, at + lookahead);
    const character = rest[0];
    if (character === '&') {
      const found = entity.exec(rest)?.[0];
      parts.push(found ?? '&amp;');
      return at + (found?.length ?? 1);
    }
    if (place.kind === 'text') return inText(rest, at, parts);
    return place.kind === 'tag' ? inTag(rest, at, parts) : inValue(rest, at, parts, place.quote);
  }

  function inText(rest: string, at: number, parts: string[]): number {
    const raw = rest.startsWith('<![CDATA[')
      ? ['<![CDATA[', ']]>']
      : rest.startsWith('<!--')
        ? ['<!--', '-->']
        : undefined;
    if (raw !== undefined) {
      place = { kind: 'raw', end: raw[1] ?? '' };
      parts.push(raw[0] ?? '');
      return at + (raw[0]?.length ?? 1);
    }
    // Another document in the same file: its declaration would be an error.
    if (hasContent && textDepth === 0 && /^<\?xml[\s?]/.test(rest)) {
      place = { kind: 'tag' };
      openName = '';
      parts.push('<?next-xml');
      return at + '<?xml'.length;
    }
    const name = anyTag.exec(rest)?.[1]?.toLowerCase();
    const isMarkup = name === undefined ? /^<[?!]/.test(rest) && textDepth === 0 : isKnownTag(name);
    if (!isMarkup) {
      parts.push('&lt;');
      return at + 1;
    }
    hasContent = true;
    place = { kind: 'tag' };
    openName = name ?? '';
    isClosing = rest.startsWith('</');
    parts.push('<');
    return at + 1;
  }

  function isKnownTag(name: string): boolean {
    return textDepth === 0 || textElements.has(name);
  }

  function inTag(rest: string, at: number, parts: string[]): number {
    const character = rest[0] ?? '';
    parts.push(character);
    if (character === '"' || character === "'") {
      place = { kind: 'value', quote: character };
    } else if (character === '>') {
      place = { kind: 'text' };
      const isEmpty = parts.at(-2)?.endsWith('/') === true;
      if (textElements.has(openName) && !isEmpty) textDepth = Math.max(0, textDepth + (isClosing ? -1 : 1));
    }
    return at + 1;
  }

  function inValue(rest: string, at: number, parts: string[], quote: string): number {
    if (rest[0] === '<') parts.push('&lt;');
    else if (rest[0] === quote && closingQuote.test(rest)) {
      parts.push(quote);
      place = { kind: 'tag' };
    } else parts.push(rest[0] === quote ? (quote === '"' ? '&quot;' : '&apos;') : (rest[0] ?? ''));
    return at + 1;
  }

  return {
    write(chunk) {
      const text = isStart ? (held + chunk).replace(/^[\ufeff\s]+/, '') : held + chunk;
      if (text !== '') isStart = false;
      return repair(text, Math.max(0, text.length - lookahead));
    },
    end: () => repair(held, held.length) + held,
  };
}

function nextSpecial(text: string, at: number, place: Place): number {
  if (place.kind === 'raw') return orEnd(text.indexOf(place.end, at), text);
  const pattern = place.kind === 'text' ? /[<&]/g : place.kind === 'tag' ? /["'>]/g : /[<&"']/g;
  pattern.lastIndex = at;
  return pattern.exec(text)?.index ?? text.length;
}

function orEnd(index: number, text: string): number {
  return index === -1 ? text.length : index;
}
