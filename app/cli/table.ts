import { width } from './visible-text.ts';

/**
 * Formats rows under headings, in columns as wide as needed.
 *
 * @param style how headings look.
 * @returns lines, each ended by a newline; no trailing spaces.
 */
export function table(
  headings: readonly string[],
  rows: readonly (readonly string[])[],
  style: (heading: string) => string = (heading) => heading,
): string {
  const widths = headings.map((heading, column) =>
    Math.max(width(heading), ...rows.map((row) => width(row[column] ?? ''))),
  );
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) => cell + ' '.repeat(Math.max(0, (widths[column] ?? 0) - width(cell))))
      .join('  ')
      .trimEnd();
  return [headings.map(style), ...rows].map((cells) => `${line(cells)}\n`).join('');
}
