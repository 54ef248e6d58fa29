/** CSI sequences: their escape may have been replaced already, because XML forbids it. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: the escape character is what begins them
const ansi = /[\u001b\u009b\ufffd]\[[0-9;:?]*[A-Za-z]/g;

/**
 * @returns the text without colours and cursor movements.
 */
export function withoutAnsi(text: string): string {
  return text.replace(ansi, '');
}

/**
 * @param cut the side that is left out when the text is too long.
 */
export function cutText(text: string, maxCharacters: number, cut: 'start' | 'end' = 'end'): string {
  if (text.length <= maxCharacters) return text;
  const kept = cut === 'end' ? text.slice(0, maxCharacters - 1) : text.slice(1 - maxCharacters);
  // A surrogate whose other half was cut off would not survive UTF-8.
  const whole = kept.replace(/[\ud800-\udbff]$/, '').replace(/^[\udc00-\udfff]/, '');
  return cut === 'end' ? `${whole}…` : `…${whole}`;
}
