/** Shorter forms say little and occur by chance. */
const minFormLength = 8;
/** Characters of base64 in a line, as `base64`, MIME and PEM write it. */
const base64LineLengths = [64, 76];
const minLineLength = 16;

/**
 * Lists the forms in which programs print a secret: as it is, line by line, JSON-escaped, URL-encoded, quoted for a shell
 * or for XML, in hexadecimal, and as base64, in whatever larger text it is encoded.
 */
export function secretForms(secret: string): string[] {
  if (secret === '') return [];
  const encoded = [...escaped(secret), ...quoted(secret), ...base64Forms(secret), ...hexForms(secret)].filter(
    (form) => form.length >= minFormLength,
  );
  return [...new Set([secret, ...linesOf(secret), ...encoded])];
}

/** A line of one or two characters (a brace of a JSON key) says nothing, and would mask the whole log. */
function linesOf(secret: string): string[] {
  const lines = secret.split(/\r?\n/);
  return lines.length === 1 ? [] : lines.map((line) => line.trim()).filter((line) => line.length > 2);
}

function escaped(secret: string): string[] {
  const json = JSON.stringify(secret).slice(1, -1);
  const url = percentEncoded(secret);
  return [
    json,
    // JSON within JSON.
    JSON.stringify(json).slice(1, -1),
    // Writers that keep JSON within ASCII, or make it safe for HTML.
    asciiOnly(json),
    json.replaceAll('/', '\\/'),
    url,
    url.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase()),
    // A form writes a blank as a plus sign.
    url.replaceAll('%20', '+'),
    encodeURI(wellFormed(secret)),
    // A value of several lines on one line.
    ...(secret.includes('\n')
      ? [secret.trim().replace(/\r?\n/g, ' '), secret.trim().replace(/\r?\n/g, '')]
      : []),
  ];
}

/** Encodes the marks that `encodeURIComponent` leaves too, because other languages do. */
function percentEncoded(secret: string): string {
  return encodeURIComponent(wellFormed(secret)).replace(
    /[!'()*]/g,
    (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** A lone surrogate cannot be encoded. */
function wellFormed(text: string): string {
  return text.replace(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, '\ufffd');
}

function asciiOnly(json: string): string {
  return json.replace(
    /[\u007f-\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** Lists the forms that `set -x`, `printf %q`, XML, and HTML write. */
function quoted(secret: string): string[] {
  const xml = secret.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return [
    secret.replaceAll("'", String.raw`'\''`),
    secret.replace(/[^\w@%+=:,./-]/g, String.raw`\$&`),
    xml,
    xml.replaceAll('"', '&quot;'),
    ...['&apos;', '&#39;', '&#x27;'].map((mark) => xml.replaceAll('"', '&quot;').replaceAll("'", mark)),
  ];
}

function hexForms(secret: string): string[] {
  const hex = Buffer.from(secret).toString('hex');
  return [hex, hex.toUpperCase()];
}

function base64Forms(secret: string): string[] {
  const bytes = Buffer.from(secret);
  // Three bytes make four characters: where the secret is within the encoded text decides which.
  const forms = [0, 1, 2].map((offset) => {
    const encoded = Buffer.concat([Buffer.alloc(offset), bytes])
      .toString('base64')
      .replace(/=+$/, '');
    const partialStart = offset === 0 ? 0 : offset + 1;
    const hasPartialEnd = (offset + bytes.length) % 3 !== 0;
    return encoded.slice(partialStart, hasPartialEnd ? -1 : undefined);
  });
  const lines = base64LineLengths.flatMap(
    (length) => bytes.toString('base64').match(new RegExp(`.{${minLineLength},${length}}`, 'g')) ?? [],
  );
  return [...forms, ...forms.map(urlSafe), ...(bytes.length > 45 ? lines : [])];
}

function urlSafe(base64: string): string {
  return base64.replaceAll('+', '-').replaceAll('/', '_');
}
