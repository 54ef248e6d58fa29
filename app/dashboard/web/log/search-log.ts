import type { LogLine } from './log-document.ts';

/**
 * Finds lines by what a person reads: without colors, in any case. The lower-case text of a line is made once, at the
 * first search.
 */
export function createLogSearch(lines: readonly LogLine[]): (text: string) => readonly number[] {
  const lowered: string[] = [];
  return (text) => {
    if (text === '') return [];
    for (let index = lowered.length; index < lines.length; index += 1) {
      lowered.push((lines[index]?.plain ?? '').toLowerCase());
    }
    const wanted = text.toLowerCase();
    const found: number[] = [];
    lowered.forEach((line, index) => {
      if (line.includes(wanted)) found.push(index);
    });
    return found;
  };
}
