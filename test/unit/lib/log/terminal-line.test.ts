import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { plainText, safeLine, terminalLine } from '../../../../app/lib/log/terminal-line.ts';

describe('terminalLine', () => {
  it.each([
    ['a progress bar', '10%\r50%\r100%', '100%'],
    ['a carriage return at the end (CRLF)', 'text\r', 'text'],
    ['a shorter state, which leaves the end of the longer one', 'loading…\rdone', 'doneing…'],
    ['a shorter state that erases the line', 'loading…\r\u001b[2Kdone', '\u001b[2Kdone'],
    ['colors', '\u001b[33m50%\r\u001b[32m100%\u001b[0m', '\u001b[32m100%\u001b[0m'],
    ['a spinner', '-\b\\\b|\b/', '/'],
    ['nothing but returns', '\r\r', ''],
  ])('reduces %s to its last state', (_, raw, shown) => {
    expect(terminalLine(raw)).toBe(shown);
  });

  it('keeps a line without control characters as it is', () => {
    fc.assert(
      fc.property(
        fc.string().filter((text) => !/[\r\b]/.test(text)),
        (text) => {
          expect(terminalLine(text)).toBe(text);
        },
      ),
    );
  });
});

describe('plainText', () => {
  it.each([
    ['colors', '\u001b[1;31mred\u001b[0m', 'red'],
    ['24-bit colors with colons', '\u001b[38:2::1:2:3mx', 'x'],
    ['cursor movements', 'a\u001b[2Kb\u001b[10;4Hc', 'abc'],
    ['links, keeping their text', '\u001b]8;;https://a.example\u001b\\text\u001b]8;;\u001b\\', 'text'],
    ['window titles', '\u001b]0;title\u0007x', 'x'],
    [
      'sequences that begin with one character',
      '\u009b2Ja\u009d52;c;ZXZpbA==\u009cb\u0090q\u009cc\u0085',
      'abc',
    ],
    [
      'characters of wrongly decoded text',
      'it\u00e2\u0080\u0099s \u00e2\u0080\u009dred\u00e2 here',
      'it\u00e2s \u00e2red\u00e2 here',
    ],
    ['a sequence that is cut off', 'x\u001b[', 'x'],
    ['Buildkite timestamps', '\u001b_bk;t=1700000000000\u001b\\x', 'x'],
    ['other control characters', 'a\u0000\u0007b\tc', 'ab\tc'],
  ])('removes %s', (_, text, plain) => {
    expect(plainText(text)).toBe(plain);
  });

  it('leaves no control character but the tab', () => {
    const pieces = fc.constantFrom(
      '\u001b',
      '[',
      ']',
      '8;;',
      'm',
      '1',
      ';',
      '\u0007',
      '\\',
      'text',
      '\r',
      '\u009b',
    );
    fc.assert(
      fc.property(fc.array(pieces), (parts) => {
        // biome-ignore lint/suspicious/noControlCharactersInRegex: it is what must not be left.
        expect(plainText(parts.join(''))).not.toMatch(/[\u0000-\u0008\u000a-\u001f\u007f-\u009f]/);
      }),
    );
  });
});

describe('safeLine', () => {
  it('keeps colors and links, and nothing that moves the cursor, sets the title, or writes the clipboard', () => {
    const link = '\u001b]8;;https://a.example\u001b\\text\u001b]8;;\u001b\\';
    expect(safeLine(`\u001b[31m${link}\u001b[0m`)).toBe(`\u001b[31m${link}\u001b[0m`);
    const hostile = '\u009b2Ja\u001b]52;c;ZXZpbA==\u0007b\u009d0;title\u009cc\u001b]8;;x\u009b2J\u001b\\d';
    expect(safeLine(hostile)).toBe('abcd');
  });
});
