/**
 * The mark says when the lines from there on were written, until the next mark. It is at the start of a line, and is an
 * application program command (ECMA-48, 5.6), which terminals ignore.
 */
const start = '\u001b_berth;t=';
const end = '\u001b\\';

export function timeMark(milliseconds: number): string {
  return `${start}${milliseconds}${end}`;
}

/** Splits a line into its text and the time of its mark in milliseconds, if it has one. */
export function readTimeMark(line: string): { readonly text: string; readonly time?: number } {
  if (!line.startsWith(start)) return { text: line };
  const close = line.indexOf(end, start.length);
  const digits = close < 0 ? '' : line.slice(start.length, close);
  return /^\d{13}$/.test(digits)
    ? { text: line.slice(close + end.length), time: Number(digits) }
    : { text: line };
}
