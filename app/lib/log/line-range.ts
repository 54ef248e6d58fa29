/** A range of log lines in an address, counted from 1. */
export interface LineRange {
  readonly first: number;
  readonly last: number;
}

/** Reads `#L12`, `#L12-L20` or `#L12-20`, in either order; without `#L`, `12-20`. */
export function parseLineRange(text: string): LineRange | undefined {
  const match = /^(?:#?L)?([1-9]\d{0,8})(?:-L?([1-9]\d{0,8}))?$/.exec(text);
  if (match === null) return undefined;
  const one = Number(match[1]);
  const other = Number(match[2] ?? match[1]);
  return { first: Math.min(one, other), last: Math.max(one, other) };
}

export function formatLineRange({ first, last }: LineRange): string {
  return first === last ? `#L${first}` : `#L${first}-L${last}`;
}

/** Extends a selection to a line, as Shift+click does. */
export function extendRange(range: LineRange | undefined, line: number): LineRange {
  if (range === undefined) return { first: line, last: line };
  return line < range.first ? { first: line, last: range.last } : { first: range.first, last: line };
}
