import { describe, expect, it } from '@jest/globals';
import type { CollectTestsOptions } from '../../../../runner-image/src/results/collect-tests.ts';
import { createOutputWatch } from '../../../../runner-image/src/results/lines/output-watch.ts';
import { checkoutWith, collectResults as collect } from '../../../helpers/collect-results.ts';

type Files = Readonly<Record<string, string>>;

async function outcomes(files: Files, options: Partial<CollectTestsOptions> = {}) {
  const { cases } = await collect(files, options);
  return Object.fromEntries(cases.map(({ name, outcome }) => [name, outcome]));
}

const failure = (classname: string, text: string, name = 'x') =>
  `<testsuites><testsuite name="s"><testcase classname="${classname}" name="${name}"><failure><![CDATA[${text}]]></failure></testcase></testsuite></testsuites>`;

describe('the file and the line of a failure', () => {
  it.each<[string, string, string, string, number, Files]>([
    [
      'Go in a package',
      'example.com/m/pkg/sub',
      '    a_test.go:12: got 4',
      'pkg/sub/a_test.go',
      12,
      { 'go.mod': 'module example.com/m\n', 'a_test.go': '' },
    ],
    [
      'Go in a module in a subdirectory',
      'example.com/m/v2/sub',
      'a_test.go:3: no',
      'server/sub/a_test.go',
      3,
      { 'server/go.mod': '// x\nmodule example.com/m/v2\n', 'go.mod': 'module example.com/m\n' },
    ],
    [
      'Go with -trimpath',
      'example.com/m',
      'example.com/m/pkg/a_test.go:7 +0x1',
      'pkg/a_test.go',
      7,
      { 'go.mod': 'module example.com/m' },
    ],
    [
      'a tool with another root',
      'projects/node/index.test.ts',
      ' ❯ index.test.ts:8:3',
      'projects/node/index.test.ts',
      8,
      { 'index.test.ts': '' },
    ],
    [
      'a tool with another root, a helper',
      'projects/node/a/index.test.ts',
      ' ❯ a/helper.ts:8:3',
      'projects/node/a/helper.ts',
      8,
      {},
    ],
    ['Cypress', 'works', '(webpack://app/./cypress/e2e/a.cy.js:9:11)', 'cypress/e2e/a.cy.js', 9, {}],
    ['webpack-internal', 'works', 'at eval (webpack-internal:///./src/a.js:9:11)', 'src/a.js', 9, {}],
    ['Karma', 'works', 'at http://localhost:9876/base/src/a.spec.js?abc123:9:11', 'src/a.spec.js', 9, {}],
    ['behave', 'login', 'Location: features/login.feature:4', 'features/login.feature', 4, {}],
    ['Perl', '', 'at t/basic.t line 7.', 't/basic.t', 7, {}],
    ['a compiler', '', 'src/a.cpp(12): error C2065', 'src/a.cpp', 12, {}],
    ['TypeScript', '', 'src/a.ts(3,5): error TS2322', 'src/a.ts', 3, {}],
    ['a linter', '', 'src/a.ts 3:5 no-undef', 'src/a.ts', 3, {}],
    ['line in words', '', 'in lib/a.lua, line 31', 'lib/a.lua', 31, {}],
    ['a file without an extension', '', 'Makefile:14: recipe failed', 'Makefile', 14, {}],
    ['a path in a container', '', 'File "/app/tests/test_a.py", line 5', 'tests/test_a.py', 5, {}],
    [
      'a path with blanks',
      '',
      'at Context.<anonymous> (ROOT/my tests/a.test.js:5:3)',
      'my tests/a.test.js',
      5,
      {},
    ],
    ['Windows', '', 'at A.B() in D:\\a\\shop\\tests\\A.cs:line 5', 'tests/A.cs', 5, {}],
    ['PHP', 'Tests\\Unit\\CartTest', '/app/tests/Unit/CartTest.php:12', 'tests/Unit/CartTest.php', 12, {}],
    ['a package of a workspace', '', 'src/cart.test.ts:8:3', 'packages/shop/src/cart.test.ts', 8, {}],
    ['Rust', '', "thread 't' panicked at crates/a/src/lib.rs:4:9:", 'crates/a/src/lib.rs', 4, {}],
    ['Swift', '', '/Users/me/x/Tests/ATests/ATests.swift:9: error: no', 'Tests/ATests/ATests.swift', 9, {}],
    ['Elixir', '', '     test/a_test.exs:5\n', 'test/a_test.exs', 5, {}],
    ['R', '', 'Error at test-a.R:5:3', 'tests/testthat/test-a.R', 5, {}],
    ['a link', '', 'see src/a.ts#L12', 'src/a.ts', 12, {}],
    [
      'a Java module',
      'com.acme.LoginTest',
      '\tat app//com.acme.LoginTest.works(LoginTest.java:12)',
      'shop/src/test/java/com/acme/LoginTest.java',
      12,
      {},
    ],
  ])('are found for %s', async (_, classname, text, file, line, others) => {
    const { failures } = await collect({ ...others, [file]: '', 'junit.xml': failure(classname, text) });
    expect(failures[0]).toMatchObject({ file, line });
  });

  it('are those of the test and not of a helper that it calls', async () => {
    const { failures } = await collect({
      'src/lib.py': '',
      'tests/test_a.py': '',
      'junit.xml': failure('tests.test_a', 'src/lib.py:3: in f\ntests/test_a.py:9: AssertionError'),
    });
    expect(failures[0]).toMatchObject({ file: 'tests/test_a.py', line: 9 });
  });

  it.each([
    ['the machine', 'at /usr/lib/python3/os.py:5'],
    ['a package', 'at ROOT/node_modules/x/os.py:5'],
    ['elsewhere', 'at ../os.py:5'],
    ['a name that several files have', 'at a.py:5'],
  ])('are left out for a file of %s', async (_, text) => {
    const { failures } = await collect({
      'os.py': '',
      'node_modules/x/os.py': '',
      'x/a.py': '',
      'y/a.py': '',
      'junit.xml': failure('', text),
    });
    if (!text.includes('../')) expect(failures[0]?.file).toBeUndefined();
    else expect([undefined, 'os.py']).toContain(failures[0]?.file);
  });
});

describe('the message of a failure', () => {
  const message = async (attributes: string, text: string, output = '', name = 'x') => {
    const xml = `<testsuite name="s"><testcase classname="c" name="${name}"><failure ${attributes}><![CDATA[${text}]]></failure><system-out><![CDATA[${output}]]></system-out></testcase></testsuite>`;
    const { failures } = await collect({ 'junit.xml': xml });
    return failures[0]?.message;
  };

  it.each([
    [
      'gotestsum',
      'message="Failed"',
      '=== RUN   TestX\n    a_test.go:12: got 4\n--- FAIL: TestX (0.00s)\n',
      '',
      'got 4',
    ],
    [
      'nose2',
      'message="test failure"',
      'Traceback (most recent call last):\n  File "a.py", line 3, in t\n    self.assertEqual(1, 2)\nAssertionError: 1 != 2\n',
      '',
      'AssertionError: 1 != 2',
    ],
    [
      'PHPUnit',
      '',
      'c::x\nFailed asserting that 3 matches expected 4.\n\n/a.php:3',
      '',
      'Failed asserting that 3 matches expected 4.',
    ],
    [
      'behave',
      'message="None"',
      '\nFailing step: Then it works ... failed in 0.000s\nLocation: a.feature:4\nTraceback (most recent call last):\n  File "x.py", line 3, in f\nAssertionError\n',
      '',
      'Failing step: Then it works ... failed in 0.000s',
    ],
    ['ctest', 'message=""', '', 'hello\na.c:7: expected 4 got 3\nbye', 'a.c:7: expected 4 got 3'],
    [
      'ctest, an assertion',
      'message=""',
      '',
      "start\na: a.c:4: main: Assertion `n==4' failed.\nmore",
      "a: a.c:4: main: Assertion `n==4' failed.",
    ],
    [
      'testify',
      'message="Failed"',
      '=== RUN   TestX\n    a_test.go:12: \n        \tError Trace:\t/m/a_test.go:12\n        \tError:      \tNot equal: \n        \t            \texpected: 4\n        \t            \tactual  : 3\n        \tTest:       \tTestX\n--- FAIL: TestX',
      '',
      'Not equal:\nexpected: 4\nactual  : 3',
    ],
    ['an exit code', 'message="exited with error code 1"', '', 'FATAL: no database\n', 'FATAL: no database'],
    ['a tool that says it', 'message="expected 1 to be 2"', 'at x.js:1', '', 'expected 1 to be 2'],
    ['escaped colors', 'message="#x1B[31mred#x1B[39m"', '', '', 'red'],
    ['spelled colors', 'message="\\e[31mred\\e[0m and \\u001b[1mbold"', '', '', 'red and bold'],
    ['doubly escaped colors', 'message="&amp;#27;[32mgreen&amp;#27;[39m"', '', '', 'green'],
    ['colors without escapes', 'message="[31mred[39m"', '', '', 'red'],
    ['brackets that are no colors', 'message="a[10m"', '', '', 'a[10m'],
  ])('is what happened: %s', async (_, attributes, text, output, expected) => {
    expect(await message(attributes, text, output)).toBe(expected);
  });
});

describe('several results for one test', () => {
  it('of gotestsum --rerun-fails are one, which is flaky', async () => {
    const xml = (rest: string) =>
      `<testsuites><testsuite tests="3" name="example.com/m"><properties><property name="go.version" value="go1.22"/></properties>
       <testcase classname="example.com/m" name="TestA"><failure message="Failed">no</failure></testcase>${rest}
       <testcase classname="example.com/m" name="TestB"/></testsuite></testsuites>`;
    const passed = await collect(
      { 'junit.xml': xml('<testcase classname="example.com/m" name="TestA"/>') },
      { commandPassed: true },
    );
    expect(passed.totals).toMatchObject({ total: 2, passed: 2, failed: 0, flaky: 1 });
    expect(passed.cases.find(({ name }) => name === 'TestA')).toMatchObject({
      outcome: 'passed',
      flaky: true,
    });
    const failed = await collect({
      'junit.xml': xml(
        '<testcase classname="example.com/m" name="TestA"><failure message="Failed">no</failure></testcase>',
      ),
    });
    expect(failed.totals).toMatchObject({ total: 2, failed: 1 });
  });

  it('of pytest-rerunfailures are one', async () => {
    const { totals, cases } = await collect({
      'junit.xml': `<testsuites><testsuite name="pytest" errors="0" failures="1" skipped="0" tests="3">
        <testcase classname="test_a" name="test_ok"/><testcase classname="test_a" name="test_flaky"/><testcase classname="test_a" name="test_flaky"/>
        <testcase classname="test_a" name="test_bad"/><testcase classname="test_a" name="test_bad"><failure message="assert 3 == 4"/></testcase>
        </testsuite></testsuites>`,
    });
    expect(totals).toMatchObject({ total: 3, passed: 2, failed: 1, flaky: 1 });
    expect(cases.map(({ name, flaky }) => [name, flaky])).toEqual([
      ['test_ok', undefined],
      ['test_flaky', true],
      ['test_bad', undefined],
    ]);
  });

  it('of surefire are one, whatever its end is', async () => {
    const { totals, cases } = await collect({
      'junit.xml': `<testsuite name="A" tests="2"><testcase name="a" classname="A"><flakyFailure message="once" type="x"><stackTrace>t</stackTrace><system-out>o</system-out></flakyFailure></testcase>
        <testcase name="b" classname="A"><failure message="no"/><rerunFailure message="no again" type="x"/></testcase></testsuite>`,
    });
    expect(totals).toMatchObject({ total: 2, passed: 1, failed: 1, flaky: 1 });
    expect(cases[0]).toMatchObject({ outcome: 'passed', flaky: true });
  });

  it('are one where the command passed', async () => {
    const xml =
      '<testsuite name="A"><testcase name="a"><failure message="no"/></testcase><testcase name="a"/></testsuite>';
    expect((await collect({ 'junit.xml': xml }, { commandPassed: true })).totals).toMatchObject({
      total: 1,
      failed: 0,
    });
    expect((await collect({ 'junit.xml': xml })).totals).toMatchObject({ total: 2, failed: 1 });
  });

  it('are several tests where nothing says otherwise', async () => {
    const xml = '<testsuite name="A"><testcase name="a"/><testcase name="a"/></testsuite>';
    expect((await collect({ 'junit.xml': xml }, { commandPassed: true })).totals?.total).toBe(2);
  });

  it('of node: a test that is to be done may fail', async () => {
    const { totals } = await collect({
      'junit.xml': `<testsuites><testsuite name="math" tests="2"><testcase name="later" classname="test" failure="no"><skipped type="todo" message="true"/><failure type="testCodeFailure" message="no">x</failure></testcase>
        <testcase name="adds" classname="test"/></testsuite><!-- tests 3 --><!-- suites 1 --><!-- pass 2 --><!-- fail 0 --><!-- cancelled 0 --><!-- skipped 0 --><!-- todo 1 --></testsuites>`,
    });
    expect(totals).toMatchObject({ total: 3, passed: 2, failed: 0, skipped: 1 });
  });

  it('of node: an error shows without the one that wraps it, at the line where it was thrown', async () => {
    const { failures } = await collect({
      'a.test.js': '',
      'junit.xml': `<testsuites><testsuite name="sub"><testcase name="inner" classname="test" failure="inner fails"><failure type="testCodeFailure" message="inner fails">
Error [ERR_TEST_FAILURE]: inner fails
    at TestContext.&lt;anonymous> (ROOT/a.test.js:6:30) {
  code: 'ERR_TEST_FAILURE',
  failureType: 'testCodeFailure',
  cause: AssertionError [ERR_ASSERTION]: inner fails
  + actual - expected
      at TestContext.&lt;anonymous> (ROOT/a.test.js:9:54) {
    code: 'ERR_ASSERTION'
  }
}
</failure></testcase></testsuite><testcase name="text" classname="test" failure="text"><failure type="testCodeFailure" message="text">
[Error [ERR_TEST_FAILURE]: text] { code: 'ERR_TEST_FAILURE', failureType: 'testCodeFailure', cause: 'text' }
</failure></testcase></testsuites>`,
    });
    expect(failures).toMatchObject([
      { name: 'inner', file: 'a.test.js', line: 9, message: expect.stringMatching(/inner fails$/) },
      { name: 'text', message: 'text' },
    ]);
    expect(failures[0]?.details).toMatch(
      /^AssertionError \[ERR_ASSERTION\]: inner fails\n\+ actual - expected\n {4}at /,
    );
    expect(failures[1]?.details ?? '').not.toContain('ERR_TEST_FAILURE');
  });

  it('count once if a tool writes a summary next to its files', async () => {
    const suite = '<testsuite name="A"><testcase name="a" classname="A" time="0.5"/></testsuite>';
    const { totals } = await collect({
      'reports/TEST-A.xml': suite,
      'reports/TESTS-TestSuites.xml': `<testsuites>${suite}</testsuites>`,
    });
    expect(totals?.total).toBe(1);
  });
});

describe('results that were printed', () => {
  const output = (tool: string, name: string) => ({
    tool,
    drafts: [{ name, group: 'm', outcome: 'passed' as const, durationSeconds: 0, trace: '', output: '' }],
  });
  const file = { 'junit.xml': '<testsuite><testcase name="a"/></testsuite>' };

  it.each([
    ['count where there is no file', {}, output('jest', 'a'), 1],
    ['do not count in addition to the file of their tool', file, output('jest', 'b'), 1],
    [
      'count in addition to the files of other tools, for a tool that writes none',
      file,
      output('go test', 'TestB'),
      2,
    ],
    ['count once where the files have them too', file, output('go test', 'a'), 1],
  ])('%s', async (_, files, findings, total) => {
    expect((await collect(files, { output: [findings] })).totals?.total).toBe(total);
  });
});

describe('a failure without a message in its file', () => {
  it('has the message that the tool printed', async () => {
    const watch = createOutputWatch((line) => line);
    watch.take(
      Buffer.from('1/1 Test #1: slow ....***Timeout   1.00 sec\n0% tests passed, 1 tests failed out of 1\n'),
    );
    const { failures } = await collect(
      {
        'junit.xml':
          '<testsuite><testcase name="slow" status="fail"><failure message=""/></testcase></testsuite>',
      },
      { output: watch.findings() },
    );
    expect(failures[0]?.message).toBe('Timeout');
  });
});

describe('a build that failed', () => {
  const errorsIn = async (text: string, files: Files = {}, commandPassed = false) => {
    const watch = createOutputWatch((line) => line);
    watch.take(Buffer.from(text));
    return collect({ 'src/a.c': '', 'src/a.ts': '', ...files }, { output: watch.findings(), commandPassed });
  };

  it.each([
    ['gcc', "src/a.c:3:5: error: 'x' undeclared", 'src/a.c', 3, "'x' undeclared"],
    ['tsc', 'src/a.ts(3,5): error TS2322: no', 'src/a.ts', 3, 'TS2322: no'],
    ['tsc for people', 'src/a.ts:3:5 - error TS2322: no', 'src/a.ts', 3, 'TS2322: no'],
    [
      'rustc',
      'error[E0425]: cannot find value `x`\n --> src/a.rs:3:5\n',
      'src/a.rs',
      3,
      'cannot find value `x`',
    ],
    ['Maven', '[ERROR] /w/shop/src/A.java:[3,5] cannot find symbol', 'src/A.java', 3, 'cannot find symbol'],
    ['dotnet', 'src/A.cs(3,5): error CS0103: no [/x/A.csproj]', 'src/A.cs', 3, 'CS0103: no'],
    ['Kotlin', 'e: file:///w/src/A.kt:3:5 Unresolved reference', 'src/A.kt', 3, 'Unresolved reference'],
    ['esbuild', '/w/src/a.ts:3:5: ERROR: Unexpected "}"', 'src/a.ts', 3, 'Unexpected "}"'],
    [
      'Python, a file that is not valid',
      'Traceback (most recent call last):\n  File "/w/src/b.py", line 1, in <module>\n    import a\n  File "/w/src/a.py", line 3\n    def x(:\n          ^\nSyntaxError: invalid syntax\n',
      'src/a.py',
      3,
      'SyntaxError: invalid syntax',
    ],
    [
      'Python, a package that is missing',
      'Traceback (most recent call last):\n  File "/w/src/a.py", line 3, in <module>\n    import b\n  File "/w/.venv/lib/python3.11/site-packages/b/__init__.py", line 9, in <module>\n    import c\nModuleNotFoundError: No module named \'c\'\n',
      'src/a.py',
      3,
      "ModuleNotFoundError: No module named 'c'",
    ],
    [
      'Node, a file that is not valid',
      "/w/src/a.js:3\nconst a = ;\n          ^\n\nSyntaxError: Unexpected token ';'\n    at wrapSafe (node:internal/a:1:2)\n\nNode.js v20.20.2\n",
      'src/a.js',
      3,
      "SyntaxError: Unexpected token ';'",
    ],
    [
      'Node, a module that is missing',
      "node:internal/modules/cjs/loader:1228\n  throw err;\n  ^\n\nError: Cannot find module 'x'\nRequire stack:\n- /w/node_modules/y/index.js\n- /w/src/a.js\n    at a (node:internal/b:1:2)\n\nNode.js v20.20.2\n",
      'src/a.js',
      undefined,
      "Error: Cannot find module 'x'",
    ],
    [
      'Node, a package that is missing',
      "node:internal/modules/esm/resolve:873\n        ^\n\nError [ERR_MODULE_NOT_FOUND]: Cannot find package 'x' imported from /w/src/a.mjs\n",
      'src/a.mjs',
      undefined,
      "Error [ERR_MODULE_NOT_FOUND]: Cannot find package 'x'",
    ],
  ])('differs from failed tests: %s', async (_, text, file, line, message) => {
    const found = await errorsIn(text, { [file]: '' });
    expect(found.totals).toBeUndefined();
    expect(found.failures).toEqual([
      expect.objectContaining({ group: 'build', file, message, ...(line === undefined ? {} : { line }) }),
    ]);
  });

  it('is named by the file as in the repository', async () => {
    const checkout = await checkoutWith({ 'src/a.py': '' });
    const watch = createOutputWatch((line) => line);
    watch.take(Buffer.from(`  File "${checkout}/src/a.py", line 3\nSyntaxError: no\n`));
    const { failures } = await collect({}, { checkout, output: watch.findings() });
    expect(failures[0]).toMatchObject({ name: 'src/a.py:3', file: 'src/a.py', line: 3 });
  });

  it('does not exist if tests ran or the command passed', async () => {
    const text = 'src/a.c:3:5: error: in a test of a compiler';
    expect((await errorsIn(text, {}, true)).failures).toEqual([]);
    expect(
      (await errorsIn(text, { 'junit.xml': '<testsuite><testcase name="a"/></testsuite>' })).failures,
    ).toEqual([]);
  });
});

describe('forms of JUnit XML', () => {
  it.each([
    [
      'a root of Eclipse',
      '<testrun name="x" tests="1"><testsuite name="s"><testcase name="a"/></testsuite></testrun>',
    ],
    ['one test case as the root', '<testcase name="a" classname="s"/>'],
    [
      'a namespace',
      '<n:testsuites xmlns:n="u"><n:testsuite name="s"><n:testcase name="a"/></n:testsuite></n:testsuites>',
    ],
    [
      'blanks before the declaration',
      '\n\n  <?xml version="1.0"?>\n<testsuite><testcase name="a"/></testsuite>',
    ],
    ['text before the document', 'running\n<testsuite><testcase name="a"/></testsuite>'],
    ['two documents', '<testsuite><testcase name="a"/></testsuite><?xml version="1.0"?><testsuite/>'],
  ])('are read: %s', async (_, xml) => {
    expect(await outcomes({ 'junit.xml': xml })).toEqual({ a: 'passed' });
  });

  it.each([
    ['jest-junit', 'jest tests', 'outer inner deep', 'outer inner deep', '', 'outer inner deep'],
    ['CTest', 'Linux', 'adds', 'adds', '', 'adds'],
    ['CTest with GoogleTest', 'Linux', 'A.Bad" status="run', 'A.Bad', '', 'A.Bad'],
    ['mocha-junit-reporter', 'Mocha Tests', 'sums works', 'works', 'sums', 'works'],
    ['others', 'Robot', 'Starts the Robot', 'Robot', 'Robot', 'Starts the Robot'],
    ['pytest for a file', 'pytest', 'tests/a.py', 'tests/a.py', 'tests/a.py', 'tests/a.py'],
  ])('have no name twice: %s', async (_, suite, name, classname, group, shown) => {
    const text = `<testsuites name="${suite}"><testsuite name="x"><testcase name="${name}" classname="${classname}"/></testsuite></testsuites>`;
    expect((await collect({ 'junit.xml': text })).cases).toMatchObject([{ group, name: shown }]);
  });

  it('can have errors in their markup', async () => {
    const { cases, failures, warnings } = await collect({
      'junit.xml': `<testsuite><testcase name="a < b && c"/><testcase name="b"><failure message="expected "1" & <div> to be '2'" type="x">if (a<b && c>d) { <div>no</div> }</failure></testcase><testcase name="c"/></testsuite>`,
    });
    expect(cases.map(({ name, outcome }) => [name, outcome])).toEqual([
      ['a < b && c', 'passed'],
      ['b', 'failed'],
      ['c', 'passed'],
    ]);
    expect(failures[0]).toMatchObject({
      message: `expected "1" & <div> to be '2'`,
      details: 'if (a<b && c>d) { <div>no</div> }',
    });
    expect(warnings).toEqual([]);
  });

  it('say what did not run and what failed in many ways', async () => {
    expect(
      await outcomes({
        'junit.xml': `<testsuite>
          <testcase name="a"><disabled/></testcase><testcase name="b"><ignored/></testcase><testcase name="c" result="skipped"/>
          <testcase name="d" status="disabled"/><testcase name="e" status="failed"/><testcase name="f" result="error"/>
          <testcase name="g" status="run" result="completed"/><testcase name="h" status="fail"><failure message=""/></testcase></testsuite>`,
      }),
    ).toEqual({
      ...{ a: 'skipped', b: 'skipped', c: 'skipped', d: 'skipped' },
      ...{ e: 'failed', f: 'failed', g: 'passed', h: 'failed' },
    });
  });

  it('write times with a comma', async () => {
    const { cases } = await collect({
      'junit.xml':
        '<testsuite><testcase name="a" time="0,25"/><testcase name="b" time="1,234.5"/><testcase name="c" time="12ms"/></testsuite>',
    });
    expect(cases.map(({ durationSeconds }) => durationSeconds)).toEqual([0.25, 1234.5, 0.012]);
  });

  it('of bazel: the output of the suite is that of its failure', async () => {
    const { failures } = await collect({
      'junit.xml': `<testsuites><testsuite name="pkg/t" tests="1" errors="1"><testcase name="pkg/t" status="run" time="0"><error message="exited with error code 1"></error></testcase>
        <system-out>Generated test.log (if the file is not UTF-8, then this may be unreadable):<![CDATA[start
FAILED: expected 4 got 3 at pkg/a.cc:9
]]></system-out></testsuite></testsuites>`,
      'pkg/a.cc': '',
    });
    expect(failures[0]).toMatchObject({
      message: 'FAILED: expected 4 got 3 at pkg/a.cc:9',
      file: 'pkg/a.cc',
      line: 9,
    });
    expect(failures[0]?.details).toContain('FAILED: expected 4');
  });
});

describe('other formats', () => {
  it('TRX', async () => {
    const { totals, failures, cases } = await collect({
      'tests/CartTests.cs': '',
      'TestResults/a.trx': `\ufeff<?xml version="1.0" encoding="utf-8"?><TestRun id="1" xmlns="http://microsoft.com/schemas/VisualStudio/TeamTest/2010"><Results>
        <UnitTestResult testId="t1" testName="Acme.CartTests.Adds(n: 1.5)" duration="00:00:01.5000000" outcome="Passed"/>
        <UnitTestResult testId="t2" testName="Acme.CartTests.Breaks" duration="00:00:00.1" outcome="Failed"><Output><StdOut>hello</StdOut><ErrorInfo><Message>Assert.Equal() Failure</Message><StackTrace>   at Acme.CartTests.Breaks() in /src/shop/tests/CartTests.cs:line 12</StackTrace></ErrorInfo></Output></UnitTestResult>
        <UnitTestResult testId="t3" testName="Rows" outcome="Failed"><InnerResults><UnitTestResult testId="t3" testName="Rows (1)" outcome="Passed"/><UnitTestResult testId="t3" testName="Rows (2)" outcome="NotExecuted"/></InnerResults></UnitTestResult>
        </Results><TestDefinitions><UnitTest name="Adds" id="t1"><TestMethod className="Acme.CartTests" name="Adds"/></UnitTest><UnitTest name="Rows" id="t3"><TestMethod className="Acme.RowTests" name="Rows"/></UnitTest></TestDefinitions></TestRun>`,
    });
    expect(totals).toMatchObject({ total: 4, passed: 2, failed: 1, skipped: 1 });
    expect(cases[0]).toEqual({
      group: 'Acme.CartTests',
      name: 'Adds(n: 1.5)',
      outcome: 'passed',
      durationSeconds: 1.5,
    });
    expect(failures[0]).toMatchObject({
      name: 'Breaks',
      group: 'Acme.CartTests',
      message: 'Assert.Equal() Failure',
      file: 'tests/CartTests.cs',
      line: 12,
    });
  });

  it('xUnit.net', async () => {
    const { totals, failures } = await collect({
      'xunit.xml': `<assemblies><assembly name="/x/Acme.dll"><errors/><collection><test name="Acme.A.Works" type="Acme.A" method="Works" time="0.1" result="Pass"/>
        <test name="Acme.A.Breaks" type="Acme.A" time="0.1" result="Fail"><failure exception-type="X"><message><![CDATA[no]]></message><stack-trace>at x</stack-trace></failure></test>
        <test name="Acme.A.Waits" type="Acme.A" time="0" result="Skip"><reason>later</reason></test></collection></assembly></assemblies>`,
    });
    expect(totals).toMatchObject({ total: 3, passed: 1, failed: 1, skipped: 1 });
    expect(failures[0]).toMatchObject({ name: 'Breaks', group: 'Acme.A', message: 'no', details: 'at x' });
  });

  it('NUnit 3 and 2', async () => {
    const three = await collect({
      'TestResult.xml': `<test-run total="3"><test-suite type="Assembly"><test-suite type="TestFixture"><test-case name="Works" fullname="Acme.A.Works" classname="Acme.A" result="Passed" duration="0.1"/>
        <test-case name="Breaks" fullname="Acme.A.Breaks" classname="Acme.A" result="Failed"><failure><message><![CDATA[no]]></message><stack-trace>at x</stack-trace></failure></test-case>
        <test-case name="Waits" fullname="Acme.A.Waits" classname="Acme.A" result="Skipped"><reason><message>later</message></reason></test-case></test-suite></test-suite></test-run>`,
    });
    expect(three.totals).toMatchObject({ total: 3, passed: 1, failed: 1, skipped: 1 });
    expect(three.failures[0]).toMatchObject({ name: 'Breaks', group: 'Acme.A', message: 'no' });
    const two = await collect({
      'nunit.xml': `<test-results total="2"><test-suite><results><test-case name="Acme.A.Works" executed="True" result="Success" time="0,1"/><test-case name="Acme.A.Waits" executed="False" result="Ignored"/></results></test-suite></test-results>`,
    });
    expect(two.cases).toEqual([
      { group: 'Acme.A', name: 'Works', outcome: 'passed', durationSeconds: 0.1 },
      { group: 'Acme.A', name: 'Waits', outcome: 'skipped', durationSeconds: 0 },
    ]);
  });

  it('TAP', async () => {
    const { totals, failures } = await collect(
      {
        'test/a.js': '',
        'out.tap':
          'TAP version 13\n# adds\nok 1 one\nnot ok 2 should be equal\n  ---\n    operator: equal\n    expected: 4\n    actual: 3\n    at: Test.<anonymous> (ROOT/test/a.js:5:3)\n  ...\nok 3 later # SKIP\nnot ok 4 x # TODO\n1..4\n',
      },
      { globs: ['*.tap'] },
    );
    expect(totals).toMatchObject({ total: 4, passed: 1, failed: 1, skipped: 2 });
    expect(failures[0]).toMatchObject({
      name: 'should be equal',
      group: 'adds',
      message: 'should be equal: expected: 4, actual: 3',
      file: 'test/a.js',
      line: 5,
    });
  });

  it('TAP of tape, where each test has several assertions', async () => {
    const { cases } = await collect(
      { 'out.tap': 'TAP version 13\n# a\nok 1 one\nnot ok 2 two\n# b\nok 3 one\n\n# c\nok 4 one\n\n1..4\n' },
      { globs: ['*.tap'] },
    );
    expect(cases.map(({ group, name }) => `${group} ${name}`)).toEqual(['a one', 'a two', 'b one', 'c one']);
  });

  it('TAP of node:test, whose comments are also what the tests print', async () => {
    const { cases } = await collect(
      {
        'out.tap':
          'TAP version 13\n# (node:7) Warning: careful\n# Subtest: one\nok 1 - one\n# printed\n# Subtest: two\nok 2 - two\n1..2\n# tests 2\n# suites 0\n',
      },
      { globs: ['*.tap'] },
    );
    expect(cases.map(({ group, name }) => [group, name])).toEqual([
      ['', 'one'],
      ['', 'two'],
    ]);
  });

  it.each([
    ['1..5\nok 1 - a\nBail out! no database\n', 'Bail out!', 'The tests were aborted: no database'],
    ['1..5\nok 1 - a\n', 'The TAP plan', '5 tests were planned, and 1 ran.'],
  ])('TAP that breaks off (%#)', async (text, name, message) => {
    const { totals, failures } = await collect({ 'out.tap': text }, { globs: ['*.tap'] });
    expect(totals).toMatchObject({ total: 2, passed: 1, failed: 1 });
    expect(failures).toEqual([{ name, group: '', message }]);
  });

  it('go test -json', async () => {
    const event = (fields: object) => `${JSON.stringify({ Time: '2026-01-01T00:00:00Z', ...fields })}\n`;
    const Package = 'example.com/m/sub';
    const { totals, failures } = await collect(
      {
        'go.mod': 'module example.com/m',
        'sub/a_test.go': '',
        'sub/broken/c.go': '',
        'go.json': [
          {
            Action: 'build-output',
            ImportPath: 'example.com/m/sub/broken',
            Output: 'sub/broken/c.go:3:27: undefined: x\n',
          },
          { Action: 'fail', Package: 'example.com/m/sub/broken', FailedBuild: 'example.com/m/sub/broken' },
          { Action: 'run', Package, Test: 'TestA' },
          { Action: 'output', Package, Test: 'TestA', Output: '=== RUN   TestA\n' },
          { Action: 'output', Package, Test: 'TestA', Output: '    a_test.go:4: got 4\n' },
          { Action: 'fail', Package, Test: 'TestA', Elapsed: 0.5 },
          { Action: 'pass', Package, Test: 'TestB', Elapsed: 0 },
          { Action: 'skip', Package, Test: 'TestC', Elapsed: 0 },
          { Action: 'fail', Package, Elapsed: 1 },
        ]
          .map(event)
          .join(''),
      },
      { globs: ['go.json'] },
    );
    expect(totals).toMatchObject({ total: 4, passed: 1, failed: 2, skipped: 1 });
    expect(failures).toEqual([
      expect.objectContaining({
        message: 'The package does not build: undefined: x',
        file: 'sub/broken/c.go',
        line: 3,
      }),
      expect.objectContaining({ name: 'TestA', message: 'got 4', file: 'sub/a_test.go', line: 4 }),
    ]);
  });

  it('cargo, as JSON lines', async () => {
    const { totals, failures } = await collect(
      {
        'src/lib.rs': '',
        'x.json':
          '{ "type": "suite", "event": "started", "test_count": 2 }\n{ "type": "test", "event": "started", "name": "tests::a" }\n{ "type": "test", "name": "tests::a", "event": "ok" }\n{ "type": "test", "name": "tests::b", "event": "failed", "stdout": "thread \'tests::b\' panicked at src/lib.rs:9:5:\\nassertion failed: no" }\n',
      },
      { globs: ['x.json'] },
    );
    expect(totals).toMatchObject({ total: 2, passed: 1, failed: 1 });
    expect(failures[0]).toMatchObject({ name: 'b', group: 'tests', file: 'src/lib.rs', line: 9 });
  });

  it('CTRF', async () => {
    const { totals, failures } = await collect({
      'src/a.test.ts': '',
      'ctrf/ctrf-report.json': JSON.stringify({
        reportFormat: 'CTRF',
        results: {
          tool: { name: 'x' },
          summary: {},
          tests: [
            { name: 'a', status: 'passed', duration: 1500, suite: 's', flaky: true },
            {
              name: 'b',
              status: 'failed',
              duration: 1,
              message: 'no',
              trace: 'at src/a.test.ts:3:1',
              filePath: 'src/a.test.ts',
            },
            { name: 'c', status: 'pending', duration: 0 },
          ],
        },
      }),
    });
    expect(totals).toMatchObject({ total: 3, passed: 1, failed: 1, skipped: 1, flaky: 1 });
    expect(failures[0]).toMatchObject({ message: 'no', file: 'src/a.test.ts', line: 3 });
  });

  it('jest, mocha and rspec, as JSON', async () => {
    const jest = {
      numTotalTests: 2,
      testResults: [
        {
          name: 'ROOT/src/a.test.js',
          status: 'failed',
          message: '',
          assertionResults: [
            { title: 'a', ancestorTitles: ['s'], status: 'passed', failureMessages: [] },
            {
              title: 'b',
              ancestorTitles: ['s'],
              status: 'failed',
              failureMessages: ['Error: no\n    at Object.<anonymous> (ROOT/src/a.test.js:4:5)'],
            },
          ],
        },
      ],
    };
    const mocha = {
      stats: { passes: 1 },
      tests: [
        { title: 'a', fullTitle: 's a', file: 'ROOT/test/a.js', err: {} },
        {
          title: 'b',
          fullTitle: 's b',
          file: 'ROOT/test/a.js',
          err: { message: 'no', stack: 'Error: no\n at ROOT/test/a.js:4:5' },
        },
      ],
      pending: [],
      failures: [{ title: 'b', fullTitle: 's b', file: 'ROOT/test/a.js', err: {} }],
    };
    const rspec = {
      examples: [
        {
          description: 'a',
          full_description: 'S a',
          status: 'passed',
          file_path: './spec/a_spec.rb',
          line_number: 2,
        },
        {
          description: 'b',
          full_description: 'S b',
          status: 'failed',
          file_path: './spec/a_spec.rb',
          line_number: 4,
          exception: { class: 'X', message: 'no', backtrace: [] },
        },
      ],
      summary_line: '2 examples, 1 failure',
    };
    const files = { 'src/a.test.js': '', 'test/a.js': '', 'spec/a_spec.rb': '' };
    for (const [document, file, message] of [
      [jest, 'src/a.test.js', 'Error: no'],
      [mocha, 'test/a.js', 'no'],
      [rspec, 'spec/a_spec.rb', 'no'],
    ] as const) {
      const { totals, failures } = await collect(
        { ...files, 'x.json': JSON.stringify(document) },
        { globs: ['x.json'] },
      );
      expect(totals).toMatchObject({ total: 2, passed: 1, failed: 1 });
      expect(failures[0]).toMatchObject({ message, file, line: 4 });
    }
  });

  it('of none of these is a warning where the suite names the file', async () => {
    const named = await collect({ 'x.json': '{"a":1}' }, { globs: ['x.json'] });
    expect(named.warnings).toEqual([{ code: 'junit_malformed', message: expect.stringContaining('x.json') }]);
    expect((await collect({ 'junit-config.xml': '<configuration/>' })).warnings).toEqual([]);
  });
});

describe('names that every object has', () => {
  it('are neither formats nor outcomes', async () => {
    expect(await outcomes({ 'junit.xml': '<constructor><testcase name="a"/></constructor>' })).toEqual({});
    expect(
      await outcomes({
        'results.trx': '<TestRun><UnitTestResult testName="a" outcome="constructor"/></TestRun>',
      }),
    ).toEqual({ a: 'skipped' });
  });
});
