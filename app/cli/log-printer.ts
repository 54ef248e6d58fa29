import type { LogPage } from '../client/api-types.ts';
import type { LineRange } from '../lib/log/line-range.ts';
import { githubMarker } from '../lib/log/log-groups.ts';
import { plainText, safeLine, terminalLine } from '../lib/log/terminal-line.ts';
import type { Output } from './terminal.ts';

type ApiLine = LogPage['lines'][number];

/** Which lines of a log to print, and how. */
export interface LogOptions {
  /** One JSON object for each line. */
  readonly json?: boolean;
  /** Lines exactly as the tests wrote them, with every control sequence. */
  readonly raw?: boolean;
  readonly timestamps?: boolean;
  readonly lineNumbers?: boolean;
  readonly lines?: LineRange;
  /** Only lines that contain this text, in any case. */
  readonly search?: string;
  /** Lines to print around each that matches `search`. */
  readonly context?: number;
  /** Only this many lines at the end. */
  readonly tail?: number;
}

export interface LogPrinter {
  print(lines: readonly ApiLine[]): void;
  /** Prints the lines that had to wait for the end of the log. */
  end(): void;
}

interface NumberedLine extends ApiLine {
  /** Counted from 1, as in the dashboard. */
  readonly number: number;
}

/** Prints the lines of a log as they arrive. */
export function createLogPrinter(output: Output, options: LogOptions = {}): LogPrinter {
  const { lines: range, tail } = options;
  const matching = createSearch(options);
  let last: NumberedLine[] = [];
  let number = 0;
  let printed = 0;

  function write(lines: readonly NumberedLine[]): void {
    const texts = lines.flatMap((line) => {
      const text = textOf(line, output, options);
      if (text === undefined) return [];
      const isGap = options.search !== undefined && printed > 0 && line.number > printed + 1;
      printed = line.number;
      return isGap && options.json !== true ? ['--', text] : [text];
    });
    if (texts.length > 0) output.write(`${texts.join('\n')}\n`);
  }

  return {
    print(lines) {
      const numbered = lines.map((line) => {
        number += 1;
        return { ...line, number };
      });
      const inRange =
        range === undefined
          ? numbered
          : numbered.filter((line) => line.number >= range.first && line.number <= range.last);
      const found = matching(inRange);
      if (tail === undefined) write(found);
      else last = [...last, ...found].slice(-tail);
    },
    end() {
      write(last);
      last = [];
    },
  };
}

/** Passes on the lines that match, with the lines around them, each once. */
function createSearch({ search, context = 0 }: LogOptions) {
  const wanted = search?.toLowerCase();
  let before: NumberedLine[] = [];
  let after = 0;
  return (lines: readonly NumberedLine[]): readonly NumberedLine[] => {
    if (wanted === undefined) return lines;
    return lines.flatMap((line) => {
      if (plainText(line.text).toLowerCase().includes(wanted)) {
        const found = [...before, line];
        before = [];
        after = context;
        return found;
      }
      if (after > 0) {
        after -= 1;
        return [line];
      }
      before = context === 0 ? [] : [...before, line].slice(-context);
      return [];
    });
  };
}

/** @returns undefined for a line that only ends a group. */
function textOf(line: NumberedLine, { colors }: Output, options: LogOptions): string | undefined {
  const { text, at, number } = line;
  if (options.json === true) return JSON.stringify({ text, at, line: number });
  const shown = options.raw === true ? text : readable(text, colors);
  if (shown === undefined) return undefined;
  const labels = [
    ...(options.lineNumbers === true ? [String(number).padStart(6)] : []),
    ...(options.timestamps === true ? [at] : []),
  ];
  return labels.length === 0 ? shown : `${colors.dim(labels.join('  '))}  ${shown}`;
}

function readable(text: string, colors: Output['colors']): string | undefined {
  const shown = terminalLine(text);
  const plain = plainText(shown);
  const marker = githubMarker(plain);
  if (marker?.kind === 'open') return colors.bold(`▸ ${marker.title}`);
  if (marker?.kind === 'close') return undefined;
  return colors.isColorSupported ? safeLine(shown) : plain;
}
