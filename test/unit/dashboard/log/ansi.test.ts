import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { noStyle, parseAnsi, styleAfter } from '../../../../app/dashboard/web/log/ansi.ts';
import { plainText } from '../../../../app/lib/log/terminal-line.ts';

const esc = '\u001b';

describe('parseAnsi', () => {
  it.each([
    ['16 colors', `${esc}[31mx`, { foreground: 1 }],
    ['bright colors', `${esc}[92mx`, { foreground: 10 }],
    ['backgrounds', `${esc}[44;97mx`, { background: 4, foreground: 15 }],
    ['the theme part of the 256 colors', `${esc}[38;5;9mx`, { foreground: 9 }],
    ['the cube of the 256 colors', `${esc}[38;5;196mx`, { foreground: [255, 0, 0] }],
    ['the grays of the 256 colors', `${esc}[48;5;232mx`, { background: [8, 8, 8] }],
    ['24-bit colors', `${esc}[38;2;10;20;30mx`, { foreground: [10, 20, 30] }],
    ['24-bit colors with colons', `${esc}[38:2::10:20:30mx`, { foreground: [10, 20, 30] }],
    ['several attributes', `${esc}[1;3;4;9mx`, { bold: true, italic: true, underline: true, strike: true }],
    ['a wavy underline', `${esc}[4:3mx`, { underline: true }],
    ['what is switched off again', `${esc}[1;31;44m${esc}[22;39mx`, { background: 4 }],
    ['an empty reset', `${esc}[1;31m${esc}[mx`, {}],
    ['colors that do not exist', `${esc}[38;5;999mx`, {}],
  ])('reads %s', (_, line, style) => {
    expect(parseAnsi(line)).toEqual([{ text: 'x', style }]);
  });

  it('continues the style of the line before', () => {
    const style = styleAfter(`${esc}[31mred`, noStyle);
    expect(parseAnsi('still red', style)).toEqual([{ text: 'still red', style: { foreground: 1 } }]);
    expect(styleAfter(`${esc}[0m`, style)).toEqual({});
  });

  it('leaves the style that the next character has, even before and after a reset', () => {
    const pieces = [
      'text',
      '0m',
      `${esc}[0m`,
      `${esc}[m`,
      `${esc}[31m`,
      `${esc}[1;44m`,
      `${esc}[22m`,
      `${esc}[0;4m`,
    ];
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...pieces)), (parts) => {
        const start = { foreground: 2 };
        const line = parts.join('');
        expect(styleAfter(line, start)).toEqual(parseAnsi(`${line}x`, start).at(-1)?.style);
      }),
    );
  });

  it('reads hyperlinks, http and https only', () => {
    const link = (url: string) => `${esc}]8;id=1;${url}${esc}\\text${esc}]8;;${esc}\\ after`;
    expect(parseAnsi(link('https://a.example/b'))).toEqual([
      { text: 'text', style: {}, href: 'https://a.example/b' },
      { text: ' after', style: {} },
    ]);
    expect(parseAnsi(link('javascript:alert(1)')).map(({ href }) => href)).toEqual([undefined, undefined]);
  });

  it('shows exactly the plain text of a line', () => {
    const pieces = fc.constantFrom(
      `${esc}[`,
      `${esc}]8;;https://x`,
      '31',
      ';',
      'm',
      '\u0007',
      'text',
      '0',
      `${esc}\\`,
      ':',
    );
    fc.assert(
      fc.property(fc.array(pieces), (parts) => {
        const line = parts.join('');
        expect(
          parseAnsi(line)
            .map(({ text }) => text)
            .join(''),
        ).toBe(plainText(line));
      }),
    );
  });
});
