/** Which lines of a log are shown. */
export interface ShownLines {
  readonly length: number;
  /** The index in the log of a row. */
  readonly numberOf: (row: number) => number;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: colours begin with one.
const escapeCodes = /\u001b\[[0-9;:?]*[ -/]*[@-~]/g;

/**
 * Finds lines by what is read of them: without their colours, whatever the case. The readable form of a line is made
 * once, at the first search; 200,000 lines are then looked through between two keystrokes.
 */
export function logSearch(lines: readonly string[]): (wanted: string) => ShownLines {
  const readable: string[] = [];
  return (wanted) => {
    // Without a search no list is made.
    if (wanted === '') return { length: lines.length, numberOf: (row) => row };
    for (let index = readable.length; index < lines.length; index += 1) {
      const line = lines[index] ?? '';
      readable.push((line.includes('\u001b') ? line.replace(escapeCodes, '') : line).toLowerCase());
    }
    const lower = wanted.toLowerCase();
    const found: number[] = [];
    readable.forEach((line, index) => {
      if (line.includes(lower)) found.push(index);
    });
    return { length: found.length, numberOf: (row) => found[row] ?? 0 };
  };
}
