import type { Output } from './terminal.ts';
import { cut, width } from './visible-text.ts';

/** One line that tells what is being waited for. */
export interface ProgressLine {
  /** Shows a text in place of the one before. Where nothing can be rewritten, only a new text is a new line. */
  show(text: string): void;
  /** Takes the line away, so that something else can be written. */
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
