/**
 * Escapes untrusted texts (test names, logs, messages) for the Markdown that Berth writes: nothing in them becomes a
 * heading, a link, HTML, a mention, a reference to another repository, or the end of their code block.
 */

/**
 * Removes what a terminal would interpret and what could deceive a reader: escape sequences, control
 * characters, and marks that change the direction of text (https://trojansource.codes).
 */
export function printable(text: string): string {
  return (
    text
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
      .replace(/\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[@-Z\\-_])/g, '')
      .replace(/\r\n?/g, '\n')
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
      .replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069\ufeff]/g, '')
      // A lone surrogate is valid in JSON, but GitHub refuses it.
      .replace(/\p{Surrogate}/gu, '\ufffd')
  );
}

/** Formats a text on one line as code. */
export function inlineCode(text: string): string {
  const line = printable(text).replace(/\s+/g, ' ').trim();
  if (line === '') return '``` ```';
  const fence = '`'.repeat(longestFence(line) + 1);
  const pad = line.startsWith('`') || line.endsWith('`') ? ' ' : '';
  return `${fence}${pad}${line}${pad}${fence}`;
}

/** Formats a text for an HTML element, in which GitHub reads no Markdown. Mentions notify no one. */
export function htmlText(text: string): string {
  return printable(text)
    .replace(/\s+/g, ' ')
    .trim()
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/@(?=[A-Za-z0-9])/g, '@\u200b');
}

/** Formats a text as a block of code, whatever it contains. */
export function codeBlock(text: string): string {
  const body = printable(text).trimEnd();
  const fence = '`'.repeat(Math.max(3, longestFence(body) + 1));
  return `${fence}text\n${body}\n${fence}`;
}

/** Formats a text as plain prose. Addresses stay readable; mentions notify no one. */
export function prose(text: string): string {
  return (
    printable(text)
      .replace(/\s+/g, ' ')
      .trim()
      .replace(/&/g, '&amp;')
      .replace(/</g, '&lt;')
      .replace(/[\\`*_{}[\]()#+!|~]/g, '\\$&')
      .replace(/^(\d+)([.)])/, '$1\\$2')
      .replace(/^([->=])/, '\\$1')
      .replace(/@(?=[A-Za-z0-9])/g, '@\u200b')
      // GitHub links `owner/repo#1` even if it is escaped, and adds a reference to that issue.
      .replace(/(?<=[\w.-]\\)#(?=\d)/g, '#\u200b')
  );
}

/** Formats a link to a web address. @returns only the label if the address is not an http(s) URL. */
export function webLink(label: string, address: string): string {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url === undefined || !['http:', 'https:'].includes(url.protocol)) return prose(label);
  const target = url.href.replace(/[^\w\-.~:/?#@!$&',;=%+]/g, (sign) =>
    encodeURIComponent(sign).replace(/[()*]/g, percent),
  );
  return `[${prose(label)}](${target})`;
}

function percent(sign: string): string {
  return `%${sign.charCodeAt(0).toString(16).toUpperCase()}`;
}

/** Formats a text as code in a table cell, where a bar would end the cell. */
export function codeCell(text: string): string {
  return inlineCode(text).replace(/\|/g, '\\|');
}

/** The number of backticks in the longest row of them. */
function longestFence(text: string): number {
  let longest = 0;
  for (const [row] of text.matchAll(/`+/g)) longest = Math.max(longest, row.length);
  return longest;
}

const encoder = new TextEncoder();

/** The size of a text in UTF-8, which is how GitHub counts it. */
export function byteLength(text: string): number {
  return encoder.encode(text).length;
}

/** The beginning of a text, at most so many bytes of UTF-8, with `…` where something was left out. */
export function cutToBytes(text: string, maxBytes: number): string {
  // A character of UTF-16 takes at most three bytes.
  if (text.length * 3 <= maxBytes || byteLength(text) <= maxBytes) return text;
  const mark = '…';
  // Only whole characters are written.
  const { read } = encoder.encodeInto(text, new Uint8Array(Math.max(0, maxBytes - byteLength(mark))));
  return text.slice(0, read) + mark;
}
