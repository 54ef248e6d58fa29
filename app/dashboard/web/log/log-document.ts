import { createGroupFinder, type LogGroup } from '../../../lib/log/log-groups.ts';
import { plainText, terminalLine } from '../../../lib/log/terminal-line.ts';
import { noStyle, styleAfter, type TextStyle } from './ansi.ts';
import { isErrorLine } from './is-error-line.ts';

export interface LogLine {
  /** The line as a terminal shows it, with colors. */
  readonly text: string;
  /** Without control sequences. */
  readonly plain: string;
  /** When the line was written, if the log says so. */
  readonly at?: string;
  /** The style that the lines before leave behind. */
  readonly style: TextStyle;
}

/** A log that grows: lines, the groups in them, and the first error of each phase. */
export interface LogDocument {
  readonly lines: readonly LogLine[];
  readonly groups: readonly LogGroup[];
  /** True if the log says when its lines were written. */
  readonly hasTimes: boolean;
  /** Index of the first error since the last phase began; -1 without one. */
  readonly firstError: number;
  push(line: { readonly text: string; readonly at?: string }): void;
}

export function createLogDocument(): LogDocument {
  const lines: LogLine[] = [];
  const finder = createGroupFinder();
  let style = noStyle;
  let hasTimes = false;
  let firstError = -1;
  return {
    lines,
    groups: finder.groups,
    get hasTimes() {
      return hasTimes;
    },
    get firstError() {
      return firstError;
    },
    push({ text: raw, at }) {
      const text = terminalLine(raw);
      const plain = plainText(text);
      const index = lines.length;
      const previous = lines[index - 1];
      // A log may have millions of empty lines, so those that look alike are one object.
      const isRepeated =
        text === '' && previous?.text === '' && previous.style === style && previous.at === at;
      if (isRepeated) lines.push(previous);
      else lines.push(at === undefined ? { text, plain, style } : { text, plain, style, at });
      style = styleAfter(text, style);
      hasTimes ||= at !== undefined;
      const known = finder.groups.length;
      finder.push(plain, index);
      const added = finder.groups.length > known ? finder.groups.at(-1) : undefined;
      // A phase that another one follows has succeeded.
      if (added?.kind === 'phase') {
        firstError = -1;
      }
      if (firstError < 0 && isErrorLine(plain)) firstError = index;
    },
  };
}
