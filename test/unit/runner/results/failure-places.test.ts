import { expect, it } from '@jest/globals';
import { collectResults } from '../../../helpers/collect-results.ts';

interface Failure {
  readonly tool: string;
  readonly group: string;
  readonly name: string;
  readonly message?: string;
  readonly type?: string;
  readonly text: string;
  readonly place: readonly [file: string | undefined, line: number | undefined];
  readonly said: string;
}

const failures: readonly Failure[] = [
  {
    tool: 'Playwright',
    group: 'login.spec.ts',
    name: 'logs in',
    message: 'login.spec.ts:4:1 logs in',
    text: '  [chromium] › login.spec.ts:4:1 › logs in\n\n    Error: Timed out 5000ms waiting for x\n\n        at /app/e2e/login.spec.ts:7:40',
    place: ['e2e/login.spec.ts', 7],
    said: 'Error: Timed out 5000ms waiting for x',
  },
  {
    tool: 'Karma',
    group: 'CartComponent',
    name: 'adds',
    message: 'Expected 3 to be 4.',
    text: 'Expected 3 to be 4.\n    at UserContext.<anonymous> (http://localhost:9876/_karma_webpack_/webpack:/src/app/cart.spec.ts:18:20)',
    place: ['src/app/cart.spec.ts', 18],
    said: 'Expected 3 to be 4.',
  },
  {
    tool: 'pytest, of a file that it cannot load',
    group: '',
    name: 'tests.test_load',
    message: 'collection failure',
    text: '.berth-venv/lib/python3.11/site-packages/_pytest/python.py:493: in importtestmodule\n    mod = import_path(\nE     File "/app/tests/test_load.py", line 2\nE       from __future__ import annotations\nE       ^^^^\nE   SyntaxError: from __future__ imports must occur at the beginning of the file',
    place: ['tests/test_load.py', 2],
    said: 'SyntaxError: from __future__ imports must occur at the beginning of the file',
  },
  {
    tool: 'ginkgo',
    group: 'example.com/m',
    name: 'TestM',
    text: 'Will run 1 of 1 specs\n• [FAILED] [0.1 seconds]\nmath [It] breaks\n/app/gk/m_test.go:10\n\n  [FAILED] Expected\n      <int>: 2\n  to equal\n      <int>: 3\n  In [It] at: /app/gk/m_test.go:11 @ 11/28/26 09:52:10.277\n',
    place: ['gk/m_test.go', 11],
    said: 'math [It] breaks: Expected <int>: 2 to equal <int>: 3',
  },
  {
    tool: 'Minitest',
    group: 'UserTest',
    name: 'test_x',
    text: 'Failure:\nUserTest#test_x [/app/test/user_test.rb:12]:\nExpected: 1\n  Actual: 2',
    place: ['test/user_test.rb', 12],
    said: 'Expected: 1, Actual: 2',
  },
  {
    tool: 'cargo nextest',
    group: 'acme::it',
    name: 'adds',
    message: "thread 'adds' panicked at tests/it.rs:4:5",
    text: "thread 'adds' panicked at tests/it.rs:4:5:\nassertion `left == right` failed\n  left: 1\n right: 2",
    place: ['tests/it.rs', 4],
    said: 'assertion `left == right` failed',
  },
  {
    tool: 'Hspec',
    group: 'Cart',
    name: 'adds',
    text: 'test/CartSpec.hs:9:15: \n  1) Cart adds\n       expected: 3\n        but got: 4',
    place: ['test/CartSpec.hs', 9],
    said: 'expected: 3',
  },
  {
    tool: 'EUnit',
    group: "module 'cart_tests'",
    name: 'adds_test',
    text: 'in function cart_tests:adds_test/0 (tests/cart_tests.erl, line 5)\n**error:{assertEqual,[{line,5}]}',
    place: ['tests/cart_tests.erl', 5],
    said: '**error:{assertEqual,[{line,5}]}',
  },
  {
    tool: 'Bats',
    group: 'a.bats',
    name: 'adds',
    text: "(in test file test/a.bats, line 5)\n  `[ 1 -eq 2 ]' failed",
    place: ['test/a.bats', 5],
    said: "`[ 1 -eq 2 ]' failed",
  },
  {
    tool: 'ExUnit',
    group: 'Elixir.ATest',
    name: 'test adds',
    message: 'Assertion with == failed',
    text: '  1) test adds (ATest)\n     test/a_test.exs:5\n     Assertion with == failed',
    place: ['test/a_test.exs', 5],
    said: 'Assertion with == failed',
  },
  {
    tool: 'a tool that names only the class of the error',
    group: 'a',
    name: 'b',
    type: 'java.lang.IllegalStateException',
    text: '',
    place: [undefined, undefined],
    said: 'java.lang.IllegalStateException',
  },
];

const escaped = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;').replaceAll('\n', '&#10;');

it.each(failures)('a failure of $tool has its place, and says what happened', async (failure) => {
  const { group, name, message = '', type = '', text, place, said } = failure;
  const files = failures.flatMap(({ place: [file] }) => (file === undefined ? [] : [[file, '']]));
  const results = `<testsuite><testcase classname="${escaped(group)}" name="${name}"><failure message="${escaped(message)}" type="${type}">${escaped(text)}</failure></testcase></testsuite>`;
  const found = await collectResults(
    { ...Object.fromEntries(files), 'junit.xml': results },
    { globs: ['junit.xml'] },
  );
  const [first] = found.failures;
  expect([first?.file, first?.line]).toEqual(place);
  expect(first?.message).toBe(said);
});

it('names files as in the repository, and not where the run checked it out', async () => {
  const trace =
    'Error: no\n    at a (ROOT/src/a.js:1:2)\n    at b (file://ROOT/src/b.js:3:4)\n    at c (/elsewhereROOT/c.js:5:6)';
  const { failures: found } = await collectResults(
    {
      'src/a.js': '',
      'src/b.js': '',
      'junit.xml': `<testsuite><testcase classname="g" name="n"><failure message="ROOT/src/a.js failed">${trace}</failure></testcase></testsuite>`,
    },
    { globs: ['junit.xml'] },
  );
  expect(found[0]?.message).toBe('src/a.js failed');
  expect(found[0]?.details).toMatch(
    /^Error: no\n {4}at a \(src\/a\.js:1:2\)\n {4}at b \(src\/b\.js:3:4\)\n {4}at c \(\/elsewhere\/.+\/c\.js:5:6\)$/,
  );
});

it('keeps both ends of a long trace: pytest shows the function first, and the error and its line last', async () => {
  const text = `def test_long():\n${'    step()\n'.repeat(1_000)}E   assert 1 == 2\n\ntests/test_a.py:1003: AssertionError`;
  const { failures: found } = await collectResults(
    {
      'tests/test_a.py': '',
      'junit.xml': `<testsuite><testcase classname="tests.test_a" name="test_long"><failure message="assert 1 == 2">${text}</failure></testcase></testsuite>`,
    },
    { globs: ['junit.xml'] },
  );
  expect(found[0]).toMatchObject({ file: 'tests/test_a.py', line: 1003 });
  expect(found[0]?.details).toMatch(
    /^def test_long.*….*E {3}assert 1 == 2\n\ntests\/test_a\.py:1003: AssertionError$/s,
  );
});
