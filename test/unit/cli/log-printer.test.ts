import { describe, expect, it } from '@jest/globals';
import picocolors from 'picocolors';
import { createLogPrinter, type LogOptions } from '../../../app/cli/log-printer.ts';

const at = '2026-11-02T10:00:00.000Z';

function print(texts: readonly string[], options: LogOptions = {}, color = false): string {
  let written = '';
  const output = {
    write: (text: string) => {
      written += text;
    },
    isTerminal: color,
    columns: 80,
    colors: picocolors.createColors(color),
  };
  const printer = createLogPrinter(output, options);
  // Lines arrive in parts, wherever a match is.
  for (const text of texts) printer.print([{ text, at }]);
  printer.end();
  return written;
}

const ten = Array.from({ length: 10 }, (_, index) => `line ${index + 1}`);

describe('a printed log', () => {
  it('shows the last state of progress bars, and titles instead of group markers', () => {
    expect(print(['10%\r50%\r100%', '::group::Install', 'added 1', '::endgroup::', '##[group]'])).toBe(
      '100%\n▸ Install\nadded 1\n▸ Group\n',
    );
  });

  it('cannot clear the screen, set a title, or write to the clipboard of a terminal', () => {
    const hostile =
      '\u001b[2J\u001b]0;title\u0007\u001b]52;c;ZXZpbA==\u0007\u001b[31mred \u001b[1A\u001b[0mnot';
    expect(print([hostile], {}, true)).toBe('\u001b[31mred \u001b[0mnot\n');
    expect(print([hostile])).toBe('red not\n');
    expect(print([hostile], { raw: true })).toBe(`${hostile}\n`);
  });

  it('closes the colors and links of a line when it ends', () => {
    expect(print(['\u001b[32mgreen'], {}, true)).toBe('\u001b[32mgreen\u001b[0m\n');
    const link = '\u001b]8;;https://example.com\u001b\\text';
    expect(print([link], {}, true)).toBe(`${link}\u001b]8;;\u001b\\\n`);
  });

  it('has times and numbers on request', () => {
    expect(print(['a', '::endgroup::', 'b'], { timestamps: true, lineNumbers: true })).toBe(
      `     1  ${at}  a\n     3  ${at}  b\n`,
    );
    expect(JSON.parse(print(['a'], { json: true }))).toEqual({ text: 'a', at, line: 1 });
  });

  it('is a range or the end of the lines', () => {
    expect(print(ten, { lines: { first: 4, last: 5 } })).toBe('line 4\nline 5\n');
    expect(print(ten, { tail: 2 })).toBe('line 9\nline 10\n');
    expect(print(ten, { tail: 50 }).split('\n')).toHaveLength(11);
  });

  it('is the lines with a text, with those around them, each once', () => {
    const log = ['a', 'b', '\u001b[31mErr\u001b[0mor 1', 'c', 'error 2', 'd', 'e', 'f', 'g', 'error 3'];
    expect(print(log, { search: 'error' })).toBe('Error 1\n--\nerror 2\n--\nerror 3\n');
    expect(print(log, { search: 'error', context: 1 })).toBe('b\nError 1\nc\nerror 2\nd\n--\ng\nerror 3\n');
    expect(print(log, { search: 'error', tail: 1 })).toBe('error 3\n');
  });
});
