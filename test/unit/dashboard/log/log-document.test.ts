import { describe, expect, it } from '@jest/globals';
import { createLogDocument } from '../../../../app/dashboard/web/log/log-document.ts';

function documentOf(...lines: string[]) {
  const document = createLogDocument();
  for (const text of lines) document.push({ text });
  return document;
}

const groupsOf = (...lines: string[]) =>
  documentOf(...lines).groups.map(({ title, start, end, opensByDefault }) => ({
    title,
    start,
    end,
    opensByDefault,
  }));

describe('the groups of a log', () => {
  it('are found by ::group:: and ##[group], nested', () => {
    expect(
      groupsOf('::group::Install', 'a', '##[group]Inner', 'b', '##[endgroup]', '::endgroup::', 'c'),
    ).toEqual([
      { title: 'Install', start: 0, end: 5, opensByDefault: false },
      { title: 'Inner', start: 2, end: 4, opensByDefault: false },
    ]);
  });

  it('are found by the headers of Buildkite, open with +++ and after ^^^ +++', () => {
    expect(groupsOf('--- Install', 'a', '+++ Test', 'b', '~~~ Clean', 'c', '^^^ +++')).toEqual([
      { title: 'Install', start: 0, end: 1, opensByDefault: false },
      { title: 'Test', start: 2, end: 3, opensByDefault: true },
      { title: 'Clean', start: 4, end: undefined, opensByDefault: true },
    ]);
  });

  it.each([
    '--- a/src/index.ts',
    '+++ b/src/index.ts',
    '--- /dev/null',
    '--- src/index.ts\t2026-01-01',
    '--- FAIL: TestAnchor (0.00s)',
    '---',
    '-----',
    '~~~',
    'text ::group::no',
  ])('do not begin with %j', (line) => {
    expect(groupsOf('before', line, 'after')).toEqual([]);
  });

  it('are the phases of the runner, which end the groups inside', () => {
    const groups = groupsOf(
      '[berth] Checked out abc.',
      '[berth] Running the setup command.',
      '::group::never closed',
      'a',
      '[berth] Running the test command.',
      'b',
    );
    expect(groups).toEqual([
      { title: 'Setup', start: 1, end: 3, opensByDefault: false },
      { title: 'never closed', start: 2, end: 3, opensByDefault: false },
      { title: 'Tests', start: 4, end: undefined, opensByDefault: true },
    ]);
  });
});

describe('the first error of a log', () => {
  it.each([
    'Error: cannot find the anchor',
    'error: pathspec did not match',
    'src/a.ts(3,5): error TS2304: Cannot find name',
    'error[E0308]: mismatched types',
    'npm ERR! code E404',
    'npm error code ERESOLVE',
    '/bin/sh: 1: no-such-tool: command not found',
    "ModuleNotFoundError: No module named 'anchor'",
    'Traceback (most recent call last):',
    'fatal: unable to access repository',
    'panic: runtime error: index out of range',
    'E: Unable to locate package anchor',
    '::error file=a.js,line=1::broken',
    '##[error]Process completed with exit code 1.',
    'java.lang.NullPointerException: anchor',
    'Exception in thread "main" java.lang.IllegalStateException: anchor',
    'make: *** [Makefile:2: all] Error 1',
    'connect ECONNREFUSED 127.0.0.1:5432',
    'Segmentation fault (core dumped)',
    "undefined reference to `anchor'",
    '\u001b[31mError: in color\u001b[0m',
    '--- FAIL: TestAnchor (0.00s)',
    'not ok 3 - drops the anchor',
  ])('is %j', (line) => {
    expect(documentOf('all is well', line, 'Error: a later one').firstError).toBe(1);
  });

  it.each([
    '0 errors, 2 warnings',
    'Errors: 0',
    'warning: error handling is deprecated',
    'Compiled without errors',
    'errors.ts compiled',
    '[berth] Error: of the runner',
    'src/error.test.ts passed',
  ])('is not %j', (line) => {
    expect(documentOf(line).firstError).toBe(-1);
  });

  it('is one of the last phase: an earlier phase has succeeded', () => {
    const document = documentOf(
      '[berth] Running the setup command.',
      'Error: ignored by the setup',
      '[berth] Running the test command.',
      'fine',
      'Error: why it failed',
    );
    expect(document.firstError).toBe(4);
  });

  it('is found in time that grows with the length of a line', () => {
    const document = createLogDocument();
    for (const text of [':'.repeat(100_000), 'a:'.repeat(50_000), 'A'.repeat(1_000_000), ' '.repeat(100_000)])
      document.push({ text });
    expect(document.firstError).toBe(-1);
  });
});
