import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createProgressLine } from '../../../app/cli/progress-line.ts';
import { endText } from '../../../app/cli/run-text.ts';
import { table } from '../../../app/cli/table.ts';
import { openTerminal } from '../../../app/cli/terminal.ts';
import { ageText, durationText, parseSeconds } from '../../../app/cli/time-text.ts';
import { cut, firstLine, visible, width } from '../../../app/cli/visible-text.ts';
import type { Workflow } from '../../../app/client/api-types.ts';

describe('untrusted text', () => {
  it('cannot move the cursor, clear the screen, forge a line, or change the direction', () => {
    expect(visible('a\u001b[2Jb\r\nc\u202ed')).toBe('a\\x1b[2Jb\\x0d\\nc\\x202ed');
  });

  it('keeps readable text unchanged', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        fc.pre(!/\p{C}|\p{Zl}|\p{Zp}/u.test(text));
        expect(visible(text)).toBe(text);
      }),
    );
  });

  it('of a script is its first line', () => {
    expect(firstLine('echo a\necho b\n')).toBe('echo a … (2 lines)');
    expect(firstLine('npm test\n')).toBe('npm test');
  });

  it('is never wider than its limit', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 1, max: 20 }), (text, columns) => {
        expect(width(cut(text, columns))).toBeLessThanOrEqual(columns);
      }),
    );
  });
});

describe('text of other scripts', () => {
  it('takes two columns for wide characters and emoji, and none for combining marks', () => {
    expect(['abc', '测试', '😀', '한', 'e\u0301', '✔', '👩‍👩‍👧', 'ﾊ'].map(width)).toEqual([
      3, 4, 2, 2, 1, 1, 2, 1,
    ]);
    expect(cut('测试套件', 6)).toBe('测试…');
    expect(
      table(
        ['SUITE', 'STACK'],
        [
          ['测试', 'a'],
          ['unit', 'b'],
        ],
      ),
    ).toBe('SUITE  STACK\n测试   a\nunit   b\n');
  });
});

describe('a table', () => {
  it('is as wide as its longest cells, without counting colors', () => {
    const rows = [
      ['a', '\u001b[31mred\u001b[39m', 'x'],
      ['longer', 'y', ''],
    ];
    expect(table(['ID', 'STATE', 'Z'], rows)).toBe(
      'ID      STATE  Z\na       \u001b[31mred\u001b[39m    x\nlonger  y\n',
    );
  });
});

describe('a duration', () => {
  it.each([
    [0, '0.0 s'],
    [420, '0.4 s'],
    [9_960, '10 s'],
    [59_700, '1 min'],
    [185_000, '3 min 5 s'],
    [7_800_000, '2 h 10 min'],
    [259_200_000, '3 d'],
  ])('of %d ms is written %j', (milliseconds, text) => {
    expect(durationText(milliseconds)).toBe(text);
  });

  it.each([
    [3_000, 'just now'],
    [42_900, '42 s ago'],
    [3_599_000, '59 min ago'],
    [7_300_000, '2 h ago'],
  ])('%d ms ago is written %j', (milliseconds, text) => {
    expect(ageText(new Date(0), new Date(milliseconds))).toBe(text);
  });

  it.each([
    ['90', 90],
    ['90s', 90],
    ['15m', 900],
    ['2h', 7200],
    ['1h30m', 5400],
    ['2d', 172_800],
    ['1h30', undefined],
    ['0', undefined],
    ['-5', undefined],
    ['1.5h', undefined],
    ['ten', undefined],
    ['', undefined],
  ])('typed as %j is %p seconds', (text, seconds) => {
    expect(parseSeconds(text)).toBe(seconds);
  });
});

describe('colors', () => {
  const colours = (isTTY: boolean, env: Record<string, string>) => {
    const stream = { write: () => true, isTTY };
    return openTerminal({ stdout: stream, stderr: stream, env }).out.colors.isColorSupported;
  };

  it('are on in a terminal, unless disabled', () => {
    expect(colours(true, {})).toBe(true);
    expect(colours(false, {})).toBe(false);
    expect(colours(true, { NO_COLOR: '1' })).toBe(false);
    expect(colours(true, { NO_COLOR: '' })).toBe(true);
    expect(colours(true, { TERM: 'dumb' })).toBe(false);
    expect(colours(false, { FORCE_COLOR: '1' })).toBe(true);
  });
});

describe('the progress line', () => {
  const written = (isTTY: boolean, use: (line: ReturnType<typeof createProgressLine>) => void) => {
    const texts: string[] = [];
    const stream = { write: (text: string) => texts.push(text), isTTY, columns: 20 };
    const terminal = openTerminal({ stdout: stream, stderr: stream, env: { NO_COLOR: '1' } });
    use(createProgressLine(terminal.err));
    return texts;
  };

  it('rewrites itself in a terminal, within its width, and disappears', () => {
    const texts = written(true, (line) => {
      line.show('waiting in line for a stack');
      line.clear();
      line.clear();
    });
    expect(texts).toEqual(['\r\u001b[K⠋ waiting in line …', '\r\u001b[K']);
  });

  it('prints a line for every change without a terminal', () => {
    const texts = written(false, (line) => {
      line.show('place 2');
      line.show('place 2');
      line.clear();
      line.show('place 1');
    });
    expect(texts).toEqual(['place 2\n', 'place 1\n']);
  });
});

describe('the end of a run', () => {
  const plain = new Proxy({}, { get: () => (text: string) => text }) as Parameters<typeof endText>[2];
  const failed = (summary: string, message: string, name = 'adds') =>
    endText(
      {
        state: 'failed',
        summary,
        stack_name: null,
        started_at: null,
        tests: null,
        failures: [{ name, group: 'math', message, file: 'a.js', line: 3, details: null }],
        outputs: {},
        warnings: [],
      } as Partial<Workflow> as Workflow,
      new Date(0),
      plain,
    );

  it('shows the place of a failed test, and the first line of what it says', () => {
    expect(failed('1 of 2 tests failed.', 'expected 3\u001b[2J\ngot 4')).toBe(
      '✖ failed  1 of 2 tests failed.\n  ✖ math › adds (a.js:3)\n      expected 3\\x1b[2J … (2 lines)',
    );
  });

  it('does not repeat a place that is the name', () => {
    expect(failed('x', '', 'a.js:3')).toBe('✖ failed  x\n  ✖ math › a.js:3');
  });

  it('does not repeat what the summary says', () => {
    expect(failed('The build failed: expected 3', 'expected 3')).toBe(
      '✖ failed  The build failed: expected 3\n  ✖ math › adds (a.js:3)',
    );
  });
});
