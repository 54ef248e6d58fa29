import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseComment } from '../../../../app/github/comments/comment-command.ts';

const retestFailed = { kind: 'retest', which: 'failed' };

describe('commands in a comment', () => {
  it.each([
    ['/retest', [retestFailed]],
    ['/retest failed', [retestFailed]],
    ['/retest all', [{ kind: 'retest', which: 'all' }]],
    ['/retest unit', [{ kind: 'retest', which: ['unit'] }]],
    ['/retest unit, e2e', [{ kind: 'retest', which: ['unit', 'e2e'] }]],
    ['/cancel', [{ kind: 'cancel', suites: [] }]],
    ['/cancel unit', [{ kind: 'cancel', suites: ['unit'] }]],
    ['/release', [{ kind: 'release' }]],
    ['/release force', [{ kind: 'release', isForced: true }]],
    ['/reserve 2h demo for sales', [{ kind: 'reserve', seconds: 7200, reason: 'demo for sales' }]],
    ['/reserve 1d3h x', [{ kind: 'reserve', seconds: 97_200, reason: 'x' }]],
    ['/unreserve', [{ kind: 'unreserve' }]],
    ['/stack', [{ kind: 'stack' }]],
    ['/ok-to-test', [{ kind: 'ok-to-test' }]],
    ['/help', [{ kind: 'help' }]],
  ])('understands %s', (body, commands) => {
    expect(parseComment(body)).toEqual(commands);
  });

  it('takes no word for a command because every object has a property of that name', () => {
    for (const word of ['constructor', '__proto__', 'toString', 'hasOwnProperty']) {
      expect(parseComment(`/${word}`)).toEqual([]);
    }
  });

  it('takes several, in their order, with talk in between, and each once', () => {
    const body = 'Flaky again.\r\n/cancel\r\n  /RETEST all  \nthanks!\n/cancel';
    expect(parseComment(body)).toEqual([
      { kind: 'cancel', suites: [] },
      { kind: 'retest', which: 'all' },
    ]);
  });

  it.each([
    ['in the middle of a line', 'please /retest'],
    ['in a quote', '> /retest'],
    ['in a quote that continues without its mark', '> It fails:\n/retest'],
    ['in a quoted list or quote that continues', '> - one\n/cancel\ntext\n/retest\n\n> > two\n  /retest'],
    ['in code between fences', '```\n/retest\n```'],
    ['in code whose fence is never closed', '~~~sh\n/retest\n```\n/retest'],
    [
      'in code that a list begins',
      'Steps:\n- ```sh\n  /retest\n  ```\n1. - ~~~\n     /retest\n  /release force\n',
    ],
    ['in preformatted text', '<pre>\n/retest\n</pre>\n<PRE lang="sh">log\n\n/retest'],
    ['in indented code', '    /retest'],
    ['in an HTML comment', '<!-- say:\n/retest\n-->'],
    ['in inline code', '`/retest`'],
    ['in a comment of a line that ends in it', 'x <!-- hide\n/retest'],
    ['as a path', '/retest/file.txt'],
    [
      'as another program’s command',
      '/lgtm\n/assign @dana\n/approve\n/reset\n/revert\n/resolve\n/request review\n/stale',
    ],
    ['as a path of the file system', '/etc/hosts is wrong'],
  ])('keeps silent about text %s', (_, body) => {
    expect(parseComment(body)).toEqual([]);
  });

  it('continues after a fence was closed', () => {
    expect(parseComment('```\n/cancel\n```\n/retest')).toEqual([retestFailed]);
  });

  it.each([
    ['inline code at the start of a line', '```make test``` is flaky\n/retest'],
    ['code that begins an HTML comment', '```html\n<!-- draft\n```\n/retest'],
    ['preformatted text', '<pre>/cancel</pre>\n<pre>\n/cancel\n</pre>\n/retest'],
    ['code in a list', '1. ```\n   /cancel\n   ```\n/retest'],
    ['an HTML comment', '<!-- one -->\n<!-- two\n```\n-->\n/retest'],
    ['a quote and a blank line', '> It fails\n\n/retest'],
    ['a quote that ends in a blank line', '> It fails\n>\n/retest'],
    ['quoted code', '> ```\n> text\n> ```\n/retest'],
    ['quoted code without an end', '> ```\n> text\n/retest'],
    ['a quoted heading', '> ## Steps\n/retest'],
    ['a quote and a list', '> It fails\n- again\n/retest'],
  ])('continues after %s', (_, body) => {
    expect(parseComment(body)).toEqual([retestFailed]);
  });

  it.each(['`unit`', '"berth/unit"', '**unit**', '`berth/unit`.', "'unit',"])(
    'reads the suite %s',
    (name) => {
      expect(parseComment(`/retest ${name}`)).toEqual([{ kind: 'retest', which: ['unit'] }]);
    },
  );

  it.each([
    ['/reserve', 'Add a time of at most 30 days and a reason: `/reserve 2h demo for sales`.'],
    ['/reserve 2h', 'Add a time of at most 30 days and a reason: `/reserve 2h demo for sales`.'],
    ['/reserve 31d trip', 'Add a time of at most 30 days and a reason: `/reserve 2h demo for sales`.'],
    ['/retset', 'Did you mean `/retest`?'],
    ['/ok-to-tset', 'Did you mean `/ok-to-test`?'],
    ['/Relase', 'Did you mean `/release`?'],
    ['/release please', 'Write nothing after `/release`.'],
    ['/retest <all>', 'Write only suite names after `/retest`, or nothing.'],
  ])('gives advice on %s', (body, advice) => {
    expect(parseComment(body)).toEqual([{ kind: 'mistyped', typed: body.split(' ')[0], advice }]);
  });

  it('never throws, and finds nothing where no line begins with a slash', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 300 }), (body) => {
        const found = parseComment(body);
        const hasSlash = body.split(/[\r\n]/).some((line) => line.trimStart().startsWith('/'));
        // An HTML comment may leave a slash at the start of the line that it stood in.
        if (!hasSlash && !body.includes('<!--')) expect(found).toEqual([]);
      }),
    );
  });

  it.each([
    ['marks', `/retest ${'.'.repeat(60_000)}a`, 'mistyped'],
    ['backticks', `${'`'.repeat(30_000)}a\`${'b'.repeat(30_000)}\n/retest`, 'retest'],
  ])('reads a line of many %s, in a time that grows with its length', (_, body, kind) => {
    expect(parseComment(body)).toMatchObject([{ kind }]);
  });

  it('finds a command on any line of a longer comment', () => {
    const talk = fc.stringMatching(/^[A-Za-z ,.!?]{0,40}$/);
    fc.assert(
      fc.property(fc.array(talk), fc.array(talk), (before, after) => {
        expect(parseComment([...before, '/stack', ...after].join('\n'))).toEqual([{ kind: 'stack' }]);
      }),
    );
  });
});
