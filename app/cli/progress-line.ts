import type { Output } from './terminal.ts';
import { cut, width } from './visible-text.ts';

/** One line that says what a command is waiting for. */
export interface ProgressLine {
  /** Replaces the shown text. Where lines cannot be rewritten, prints a line if the text changed. */
  show(text: string): void;
  /** Clears the line, so that something else can be written. */
  clear(): void;
}

const spinner = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
/** Back to the first column, and nothing right of it (ECMA-48: CR, EL). */
const eraseLine = '\r\u001b[K';

/** @param output where progress is shown: standard error. */
export function createProgressLine(output: Output): ProgressLine {
  let shown: string | undefined;
  let turn = 0;
  return {
    show(text) {
      if (output.isTerminal) {
        const mark = spinner[turn++ % spinner.length] ?? '';
        const room = output.columns - width(mark) - 2;
        output.write(`${eraseLine}${output.colors.cyan(mark)} ${output.colors.dim(cut(text, room))}`);
      } else if (text !== shown) {
        output.write(`${text}\n`);
      }
      shown = text;
    },
    clear() {
      if (shown === undefined || !output.isTerminal) return;
      output.write(eraseLine);
      shown = undefined;
    },
  };
}
