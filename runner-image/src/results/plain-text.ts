/** The escape character, and the ways in which writers of XML spell it because XML forbids it. */
const escapeSpellings = String.raw`[\u001b\u009b\ufffd\u241b]|&?#(?:x0?1b|27);?|\\(?:e|x1b|u001b|033|0?33)|\^\[`;
/** CSI sequences: colors and cursor movements. */
const sequences = new RegExp(String.raw`(?:${escapeSpellings})\[[0-9;:?]{0,40}[A-Za-z]`, 'gi');
/** OSC sequences: links and titles. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters begin and end them
const commands = /\u001b\][^\u0007\u001b\n]{0,2000}(?:\u0007|\u001b\\)/g;
/** A color without its escape character: some writers drop the character and keep the rest. */
const bareReset = /\[(?:0|22|24|27|39|49)?m/;
const bareColors = /\[(?:\d{1,3}(?:;\d{1,3}){0,5})?m/g;

/** @returns the text without colors and cursor movements. */
export function withoutAnsi(text: string): string {
  const plain = text.replace(sequences, '').replace(commands, '');
  return bareReset.test(plain) ? plain.replace(bareColors, '') : plain;
}

/** @param cut the part that is left out when the text is too long. */
export function cutText(
  text: string,
  maxCharacters: number,
  cut: 'start' | 'middle' | 'end' = 'end',
): string {
  if (text.length <= maxCharacters) return text;
  if (cut === 'middle') {
    const half = Math.floor((maxCharacters - 1) / 2);
    return `${cutText(text, half)}\n${cutText(text, half, 'start').slice(1)}`;
  }
  const kept = cut === 'end' ? text.slice(0, maxCharacters - 1) : text.slice(1 - maxCharacters);
  // A surrogate whose other half was cut off would not survive UTF-8.
  const whole = kept.replace(/[\ud800-\udbff]$/, '').replace(/^[\udc00-\udfff]/, '');
  return cut === 'end' ? `${whole}…` : `…${whole}`;
}
