import type { LogGroup } from '../../../lib/log/log-groups.ts';

/** The rows of a log with some groups folded: the title of a folded group stays. */
export interface VisibleLines {
  readonly length: number;
  /** Maps a row to the index of its line. */
  readonly lineAt: (row: number) => number;
  /** Maps the index of a line to its row, or to the row of the folded group that hides it. */
  readonly rowOf: (line: number) => number;
}

interface Range {
  readonly from: number;
  readonly to: number;
  /** Row of the first line. */
  readonly row: number;
}

/** Works on ranges and not on lines, so that it costs nothing for 200,000 of them. */
export function visibleLines(
  count: number,
  groups: readonly LogGroup[],
  isFolded: (group: LogGroup) => boolean,
): VisibleLines {
  const ranges: Range[] = [];
  let from = 0;
  let rows = 0;
  const add = (to: number): void => {
    if (to < from) return;
    ranges.push({ from, to, row: rows });
    rows += to - from + 1;
  };
  for (const group of groups) {
    const end = Math.min(group.end ?? count - 1, count - 1);
    // Inside another folded group, or without anything to fold.
    if (group.start < from || end <= group.start || !isFolded(group)) continue;
    add(group.start);
    from = end + 1;
  }
  add(count - 1);
  const find = (holds: (range: Range) => boolean): Range => {
    // Binary search for the last range that holds.
    let low = 0;
    let high = ranges.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      const range = ranges[middle];
      if (range !== undefined && holds(range)) low = middle;
      else high = middle - 1;
    }
    return ranges[low] ?? { from: 0, to: 0, row: 0 };
  };
  return {
    length: rows,
    lineAt: (row) => {
      const range = find((one) => one.row <= row);
      return range.from + (row - range.row);
    },
    rowOf: (line) => {
      const range = find((one) => one.from <= line);
      return range.row + Math.min(line, range.to) - range.from;
    },
  };
}
