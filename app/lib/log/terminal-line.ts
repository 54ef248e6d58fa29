// biome-ignore-all lint/suspicious/noControlCharactersInRegex: terminal control sequences start with one.

/**
 * Any control sequence: OSC (links, titles), CSI (colors, cursor), other escape sequences, the forms of these that begin
 * with one character of C1, and single control characters but the tab. The groups are the target of an OSC 8 link, and the
 * parameters of a color (SGR).
 *
 * A string of C1 has an end: UTF-8 that was read as Latin-1 is full of these characters, and its text stays.
 */
export const controlSequence =
  /\u001b\](?:8;[^;\u0007\u001b]*;([^\u0007\u001b]*)|[^\u0007\u001b]*)(?:\u0007|\u001b\\)?|\u001b\[([0-9;:]*)m|\u001b\[[0-9;:?<>=]*[ -/]*[@-~]|\u001b[PX^_][^\u001b]*(?:\u001b\\)?|\u001b[ -/]*[0-~]?|\u009b[0-9;:?<>=]*[ -/]*[@-~]?|[\u0090\u0098\u009d-\u009f][^\u0007\u001b\u009c]{0,100}[\u0007\u009c]|[\u0000-\u0008\u000a-\u001f\u007f-\u009f]/g;
const control = /[\u0000-\u001f\u007f-\u009f]/;
/** Erases from the cursor to the end of the line, or all of the line. */
const erases = /\u001b\[[02]?K/;

/**
 * Reduces a line to what a terminal shows in the end: a progress bar that rewrites itself with `\r` becomes its last
 * state, and a spinner's backspaces take effect. Colors and links stay.
 */
export function terminalLine(raw: string): string {
  if (!/[\r\b]/.test(raw)) return raw;
  const states = raw.split('\r').filter((state) => state !== '');
  return withoutBackspaces(states.reduce(overwrite, ''));
}

/** A shorter text leaves the end of the longer one below it, unless it erases the line. */
function overwrite(before: string, next: string): string {
  const isPlain = !before.includes('\u001b') && !next.includes('\u001b');
  if (erases.test(next) || !isPlain || next.length >= before.length) return next;
  return next + before.slice(next.length);
}

function withoutBackspaces(text: string): string {
  if (!text.includes('\b')) return text;
  const kept: string[] = [];
  for (const character of text) {
    if (character === '\b') kept.pop();
    else kept.push(character);
  }
  return kept.join('');
}

/**
 * Removes what could change more of a terminal than the color of its text: cursor movements, titles, the clipboard.
 * Colors and links stay, and end with the line.
 */
export function safeLine(text: string): string {
  let isOpen = false;
  let isLink = false;
  const safe = text.replace(controlSequence, (sequence: string, link?: string, color?: string) => {
    if (link !== undefined) {
      if (control.test(sequence.replace(/\u001b\]|\u001b\\|\u0007/g, ''))) return '';
      isLink = link !== '';
    } else if (color !== undefined) isOpen = !/^0*$/.test(color);
    else return '';
    return sequence;
  });
  return `${safe}${isLink ? '\u001b]8;;\u001b\\' : ''}${isOpen ? '\u001b[0m' : ''}`;
}

/** Removes colors, links and every other control sequence: what a person reads, searches and copies. */
export function plainText(text: string): string {
  if (!/[\u0000-\u0008\u000a-\u001f\u007f-\u009f]/.test(text)) return text;
  return text.replace(controlSequence, '');
}
