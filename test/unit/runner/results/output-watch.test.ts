import { describe, expect, it } from '@jest/globals';
import type { LineFindings } from '../../../../runner-image/src/results/lines/line-reader.ts';
import { createOutputWatch } from '../../../../runner-image/src/results/lines/output-watch.ts';
import { finishCase } from '../../../../runner-image/src/results/result-case.ts';

const mask = (text: string) => text.replaceAll('s3cret', '***');

function watch(text: string) {
  const reader = createOutputWatch(mask);
  const shown = reader.take(Buffer.from(text)).toString();
  return { shown, findings: reader.findings() };
}

/** The counts of the one tool in an output, and what failed. */
function summaryOf(text: string) {
  const { findings } = watch(text);
  expect(findings).toHaveLength(1);
  const [{ tool, drafts, counts }] = findings as [LineFindings];
  const of = (outcome: string) => drafts.filter((each) => each.outcome === outcome).length;
  const failed = drafts.filter(({ outcome }) => outcome === 'failed').map((each) => finishCase(each, mask));
  return {
    tool,
    counts: counts ?? { total: drafts.length, failed: of('failed'), skipped: of('skipped') },
    failed: failed.map(({ group, name, message }) => [group, name, message]),
  };
}

/** Specs of ginkgo, of which two fail, and the test of Go that runs them. */
const ginkgoSpecs = `• [FAILED] [0.001 seconds]
math [It] breaks
/x/a/a_test.go:10

  [FAILED] Expected
      <int>: 2
  to equal
      <int>: 3
  In [It] at: /x/a/a_test.go:11 @ 11/28/26 09:52:10.277
------------------------------
• [PANICKED] [0.000 seconds]
math [It] panics
/x/a/a_test.go:13

  [PANICKED] Test Panicked
  In [It] at: /usr/local/go/src/internal/runtime/maps/runtime.go:265 @ 11/28/26 09:52:10.277

  assignment to entry in nil map

  Full Stack Trace
    example.com/gk/a.init.func1.3()
    	/x/a/a_test.go:13 +0x28
------------------------------

Summarizing 2 Failures:
  [FAIL] math [It] breaks
  /x/a/a_test.go:11
  [PANICKED!] math [It] panics
  /usr/local/go/src/internal/runtime/maps/runtime.go:265

Ran 5 of 7 Specs in 0.001 seconds
FAIL! -- 3 Passed | 2 Failed | 1 Pending | 1 Skipped
--- FAIL: TestA (0.00s)
FAIL
`;

describe('what test tools print', () => {
  it.each<[string, string, [number, number, number], [string, string, string][]]>([
    [
      'mocha',
      `
  math
    ✔ adds
    1) breaks
    - later
    deep
      ✔ works slowly (83ms)

  2 passing (99ms)
  1 pending
  1 failing

  1) math
       breaks:

      AssertionError [ERR_ASSERTION]: 2 == 3
      + expected - actual
      at Context.<anonymous> (m/a.test.js:2:64)

`,
      [4, 1, 1],
      [['math', 'breaks', 'AssertionError [ERR_ASSERTION]: 2 == 3']],
    ],
    [
      'mocha',
      `
  1) same
  s
    2) \u2028breaks

  1 passing (22ms)
  2 failing

  1) same:
     AssertionError [ERR_ASSERTION]: The expression evaluated to a falsy value:

  assert(0)

      at Context.<anonymous> (test/a.js:3:18)

  2) s
       \u2028breaks:
     Error: no
`,
      // A test is not in the list of this output, so only what failed has a name.
      [3, 2, 0],
      [
        ['', 'same', 'AssertionError [ERR_ASSERTION]: The expression evaluated to a falsy value: assert(0)'],
        ['', 's breaks', 'Error: no'],
      ],
    ],
    [
      'cargo nextest',
      `────────────
    Starting 5 tests across 2 binaries (1 test skipped)
  TRY 1 FAIL [   0.228s] (───) acme tests::bad
  stdout ───

    running 1 test
    test tests::bad ... FAILED

    test result: FAILED. 0 passed; 1 failed; 0 ignored; 0 measured; 4 filtered out; finished in 0.20s

  stderr ───

    thread 'tests::bad' (3646) panicked at src/lib.rs:4:74:
    deep

  TRY 2 FAIL [   0.098s] (1/5) acme tests::bad
  stdout ───

    test tests::bad ... FAILED

  stderr ───

    thread 'tests::bad' (3651) panicked at src/lib.rs:4:74:
    deeper

        PASS [   0.019s] (2/5) acme tests::ok
  TRY 1 FAIL [   0.293s] (───) acme tests::flaky
  TRY 2 PASS [   0.022s] (3/5) acme tests::flaky
        SLOW [> 60.000s] (───) acme::it slow
     TIMEOUT [ 120.000s] (4/5) acme::it slow
        LEAK [   0.030s] (5/5) acme::it ok
────────────
     Summary [   0.751s] 5 tests run: 3 passed (1 flaky, 1 leaky), 1 failed, 1 timed out, 1 skipped
   FLAKY 2/2 [   0.022s] (3/5) acme tests::flaky
  TRY 2 FAIL [   0.098s] (1/5) acme tests::bad
     TIMEOUT [ 120.000s] (4/5) acme::it slow
error: test run failed
`,
      [5, 2, 0],
      [
        ['acme', 'tests::bad', 'deeper'],
        ['acme::it', 'slow', 'The test failed without a message.'],
      ],
    ],
    [
      'cargo nextest',
      `    Starting 2 tests across 1 binary
        PASS [   0.019s] acme tests::ok
        FAIL [   0.228s] acme tests::bad

--- STDERR:              acme tests::bad ---
running 1 test
test tests::bad ... FAILED
test result: FAILED. 0 passed; 1 failed; 0 ignored; 0 measured; 4 filtered out; finished in 0.20s
thread 'tests::bad' panicked at src/lib.rs:4:74:
deep

------------
     Summary [   0.751s] 2 tests run: 1 passed, 1 failed, 0 skipped
        FAIL [   0.228s] acme tests::bad
error: test run failed
`,
      [2, 1, 0],
      [['acme', 'tests::bad', 'deep']],
    ],
    [
      'node --test',
      `▶ math
  ✔ adds (0.5ms)
  ✖ breaks (0.6ms)
  ﹣ no (0.06ms) # SKIP
✖ math (9.1ms)
ℹ tests 3
ℹ suites 1
ℹ pass 1
ℹ fail 1
ℹ cancelled 0
ℹ skipped 1
ℹ todo 0
ℹ duration_ms 94

✖ failing tests:

test at a.test.mjs:2:59
✖ breaks (0.6ms)
  AssertionError [ERR_ASSERTION]: 2 == 3
      at TestContext.<anonymous> (file:///x/a.test.mjs:2:83)
`,
      [3, 1, 1],
      [['', 'breaks', 'AssertionError [ERR_ASSERTION]: 2 == 3']],
    ],
    [
      'ava',
      `
  - [skip] no
  ✔ adds
  ✘ [fail]: breaks Error thrown in test
  ─

  breaks

  test.mjs:2

  Error thrown in test:

  Error: boom

  ─

  1 test failed
  1 test skipped
`,
      [3, 1, 1],
      [['', 'breaks', 'Error: boom']],
    ],
    [
      'ava',
      `
  ✘ [fail]: breaks right away not yet
  ─

  breaks right away

  test.mjs:2

  not yet

  › file://test.mjs:2:9

  ─

  1 test failed
`,
      [1, 1, 0],
      [['', 'breaks right away', 'not yet']],
    ],
    [
      'jest',
      `FAIL src/a.test.js
  ● math › breaks

    expect(received).toBe(expected)

      at Object.toBe (src/a.test.js:1:90)

Test Suites: 1 failed, 1 total
Tests:       1 failed, 1 skipped, 1 todo, 2 passed, 5 total
`,
      [5, 1, 2],
      [['math', 'breaks', 'expect(received).toBe(expected)']],
    ],
    [
      'vitest',
      ` FAIL  a.test.mjs > math > breaks
AssertionError: expected 2 to be 3
 ❯ a.test.mjs:2:90

⎯⎯⎯⎯⎯⎯⎯[1/1]⎯

 Test Files  1 failed | 1 passed (2)
      Tests  1 failed | 2 passed | 1 skipped (4)
`,
      [4, 1, 1],
      [['a.test.mjs', 'math > breaks', 'AssertionError: expected 2 to be 3']],
    ],
    [
      'Playwright',
      `Running 4 tests using 1 worker
  1) [chromium] › a.spec.ts:3:5 › cart › adds ────────────────

    Error: expect(received).toBe(expected)

        at /x/a.spec.ts:4:15

  1 failed
    [chromium] › a.spec.ts:3:5 › cart › adds
  1 flaky
  1 skipped
  1 passed (2.3s)
`,
      [4, 1, 1],
      [['a.spec.ts', 'cart › adds', 'Error: expect(received).toBe(expected)']],
    ],
    [
      'pytest',
      `=================================== FAILURES ===================================
_________________________________ A.test_bad ___________________________________

    def test_bad():
>       assert 3 == 4
E       assert 3 == 4

test_a.py:8: AssertionError
=========================== short test summary info ============================
FAILED test_a.py::A::test_bad - assert 3 == 4
============== 1 failed, 2 passed, 1 xfailed, 3 warnings in 0.05s ==============
`,
      [4, 1, 1],
      [['A', 'test_bad', 'assert 3 == 4']],
    ],
    [
      'pytest',
      `________________________________ A.test_p[0.5-x.y] _____________________________
E   assert 1 == 2
_____________________________ A.test_sub [step] (i=1.5) ________________________
E   assert 3 == 4
______________________ ERROR collecting tests/test_broken.py ___________________
E   ImportError: no module
=========================== short test summary info ============================
==================== 2 failed, 1 error, 3 passed in 0.05s ======================
`,
      [6, 3, 0],
      [
        ['A', 'test_p[0.5-x.y]', 'assert 1 == 2'],
        ['A', 'test_sub [step] (i=1.5)', 'assert 3 == 4'],
        ['tests/test_broken.py', 'tests/test_broken.py', 'ImportError: no module'],
      ],
    ],
    [
      'behave',
      `Failing scenarios:
  features/a.feature:11  breaks 2 -- @1.2 

Errored scenarios:
  features/a.feature:12  undefined

0 features passed, 1 failed, 0 skipped
2 scenarios passed, 1 failed, 1 error, 0 skipped
`,
      [4, 2, 0],
      [
        ['', 'breaks 2 -- @1.2', 'The test failed without a message.'],
        ['', 'undefined', 'The test failed without a message.'],
      ],
    ],
    [
      'Jasmine',
      `Failures:
1) Sum breaks 'q'
  Message:
    Expected 2 to be 3.
  Stack:
        at UserContext.<anonymous> (/x/spec/aSpec.cjs:1:95)
Pending:

1) Sum pending
  Temporarily disabled with xit

4 specs, 1 failure, 1 pending spec
`,
      [4, 1, 1],
      [['', "Sum breaks 'q'", 'Expected 2 to be 3.']],
    ],
    [
      'TAP',
      `1..3
ok 1 adds
not ok 2 breaks [x]
# (in test file a.bats, line 4)
#   \`[ "$output" = "ho" ]' failed
ok 3 later # skip no net
`,
      [3, 1, 1],
      [['', 'breaks [x]', `\`[ "$output" = "ho" ]' failed`]],
    ],
    [
      'rspec',
      `Pending: (Failures listed here are expected and do not affect your suite's status)

  1) Sum pending
     # Temporarily skipped with xit

Failures:

  1) Sum breaks
     Failure/Error: it { expect(1 + 1).to eq 3 }

       expected: 3
            got: 2

     # ./spec/a_spec.rb:3:in \`block'

3 examples, 1 failure, 1 pending
`,
      [3, 1, 1],
      [['', 'Sum breaks', 'expected: 3 got: 2']],
    ],
    [
      'minitest',
      `  1) Failure:
Spec thing#test_0001_does [x] [test/a_test.rb:10]:
Expected: 2
  Actual: 1

2 runs, 2 assertions, 1 failures, 0 errors, 0 skips
`,
      [2, 1, 0],
      [['Spec thing', 'test_0001_does [x]', 'Expected: 2, Actual: 1']],
    ],
    [
      'minitest',
      `Failure: test_data[two](TestSum)
test_a.rb:6:in \`test_data'
  => 6:   def test_data(n); assert_equal 1, n; end
<1> expected but was
<2>
4 tests, 4 assertions, 1 failures, 0 errors, 0 pendings, 0 omissions, 0 notifications
`,
      [4, 1, 0],
      [['TestSum', 'test_data[two]', '<1> expected but was']],
    ],
    [
      'PHPUnit',
      `There was 1 failure:

1) Acme\\SumTest::testBreaks
Failed asserting that 2 is identical to 3.

--

There was 1 risky test:

1) Acme\\SumTest::testRisky
This test did not perform any assertions

Tests: 3, Assertions: 2, Failures: 1, Risky: 1.
`,
      [3, 1, 0],
      [['Acme\\SumTest', 'testBreaks', 'Failed asserting that 2 is identical to 3.']],
    ],
    [
      'ctest',
      `1/2 Test #1: good ....................   Passed    0.01 sec
2/2 Test #2: missing .................***Not Run   0.00 sec

50% tests passed, 1 tests failed out of 2
`,
      [2, 1, 0],
      [['', 'missing', 'Not Run']],
    ],
    [
      'unittest',
      `FE.s
======================================================================
FAIL: test_bad (test_u.A.test_bad)
----------------------------------------------------------------------
Traceback (most recent call last):
  File "/x/test_u.py", line 4, in test_bad
AssertionError: 1 != 2

----------------------------------------------------------------------
Ran 4 tests in 0.001s

FAILED (failures=1, skipped=1)
`,
      [4, 1, 1],
      [['test_u.A', 'test_bad', 'AssertionError: 1 != 2']],
    ],
    [
      'cargo test',
      `     Running unittests src/lib.rs (target/debug/deps/x-1)

running 3 tests
test tests::ign ... ignored
test tests::ok ... ok
test tests::bad ... FAILED

failures:

---- tests::bad stdout ----

thread 'tests::bad' (13991) panicked at src/lib.rs:8:24:
assertion \`left == right\` failed: math
  left: 2

failures:
    tests::bad

test result: FAILED. 1 passed; 1 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.24s
   Doc-tests x
test src/lib.rs - f (line 1) ... ok
test result: ok. 1 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.29s
`,
      [4, 1, 1],
      [['src/lib.rs', 'tests::bad', 'assertion `left == right` failed: math']],
    ],
    [
      'ctest',
      `    Start 1: good
1/3 Test #1: good .............................   Passed    0.00 sec
    Start 2: bad
2/3 Test #2: bad ..............................***Failed    0.02 sec
hello
a.c:7: expected 4 got 3

    Start 3: dis
3/3 Test #3: dis ..............................***Not Run (Disabled)   0.00 sec

50% tests passed, 1 tests failed out of 2
`,
      [3, 1, 1],
      [['', 'bad', 'a.c:7: expected 4 got 3']],
    ],
    [
      'GoogleTest',
      `[ RUN      ] A.Works
[       OK ] A.Works (0 ms)
[ RUN      ] A.Breaks
/x/a.cc:9: Failure
Expected equality of these values:
[  FAILED  ] A.Breaks (1 ms)
[----------] Global test environment tear-down
[==========] 2 tests from 1 test suite ran. (1 ms total)
[  PASSED  ] 1 test.
[  FAILED  ] 1 test, listed below:
[  FAILED  ] A.Breaks
`,
      [2, 1, 0],
      [['A', 'Breaks', '/x/a.cc:9: Failure']],
    ],
    [
      'rspec',
      `Failures:

  1) Calc adds
     Failure/Error: expect(1).to eq 2

       expected: 2
            got: 1
     # ./spec/a_spec.rb:5:in 'block'

Finished in 0.01 seconds (files took 0.1 seconds to load)
3 examples, 1 failure, 1 pending
`,
      [3, 1, 1],
      [['', 'Calc adds', 'expected: 2 got: 1']],
    ],
    [
      'minitest',
      `  1) Failure:
TestCalc#test_adds [test/calc_test.rb:5]:
Expected: 2
  Actual: 1

3 runs, 3 assertions, 1 failures, 0 errors, 1 skips
`,
      [3, 1, 1],
      [['TestCalc', 'test_adds', 'Expected: 2, Actual: 1']],
    ],
    [
      'PHPUnit',
      `There was 1 failure:

1) Tests\\CalcTest::testAdd
Failed asserting that 3 matches expected 4.

/app/tests/CalcTest.php:12

FAILURES!
Tests: 3, Assertions: 3, Failures: 1, Skipped: 1.
`,
      [3, 1, 1],
      [['Tests\\CalcTest', 'testAdd', 'Failed asserting that 3 matches expected 4.']],
    ],
    [
      'dotnet test',
      `  Failed Acme.Tests.CalcTests.Adds(n: 1.5) [12 ms]
  Error Message:
   Assert.Equal() Failure
  Stack Trace:
     at Acme.Tests.CalcTests.Adds() in /x/CalcTests.cs:line 12

Failed!  - Failed:     1, Passed:     2, Skipped:     1, Total:     4, Duration: 50 ms - x.dll (net8.0)
`,
      [4, 1, 1],
      [['Acme.Tests.CalcTests', 'Adds(n: 1.5)', 'Assert.Equal() Failure']],
    ],
    [
      'ExUnit',
      `  1) test adds (CalcTest)
     test/calc_test.exs:5
     Assertion with == failed

Finished in 0.03 seconds
1 doctest, 2 tests, 1 failure, 1 skipped
`,
      [3, 1, 1],
      [['CalcTest', 'adds', 'Assertion with == failed']],
    ],
    [
      'prove',
      `#   Failed test 'two'
#   at t/a.t line 1.
#          got: '1'
#     expected: '2'
t/a.t ..
Failed 1/3 subtests
Files=2, Tests=4,  1 wallclock secs
Result: FAIL
`,
      [4, 1, 0],
      [['', 'two', "got: '1'"]],
    ],
    [
      'TAP',
      `> tape test/*.js

TAP version 13
# adds
ok 1 one
not ok 2 two
  ---
    operator: equal
    expected: 3
    actual:   2
    at: Test.<anonymous> (/x/t/a.js:1:62)
  ...

1..2
# tests 2
`,
      [2, 1, 0],
      [['adds', 'two', 'two: expected: 3, actual: 2']],
    ],
    [
      'go test',
      `=== RUN   TestOK
--- PASS: TestOK (0.00s)
=== RUN   TestSub
=== RUN   TestSub/bad
    a_test.go:4: got 4
--- FAIL: TestSub (0.00s)
    --- FAIL: TestSub/bad (0.00s)
=== RUN   TestSkip
--- SKIP: TestSkip (0.00s)
FAIL
FAIL	example.com/m	0.004s
`,
      [4, 2, 1],
      [
        ['example.com/m', 'TestSub', 'A subtest failed.'],
        ['example.com/m', 'TestSub/bad', 'got 4'],
      ],
    ],
    [
      'ginkgo',
      `[17] A Suite - 6/7 specs •
------------------------------
${ginkgoSpecs}[17] B Suite - 1/1 specs 
------------------------------
[BeforeSuite] [FAILED] [0.000 seconds]
[BeforeSuite] 
/x/b/b_test.go:8

  [FAILED] no database
  In [BeforeSuite] at: /x/b/b_test.go:8 @ 11/28/26 09:52:12.294
------------------------------

Ran 0 of 1 Specs in 0.000 seconds
FAIL! -- A BeforeSuite node failed so all tests were skipped.
[17] C Suite - 3/4 specs ••S SUCCESS! 1.2ms PASS
`,
      [13, 3, 5],
      [
        ['A Suite', 'math [It] breaks', 'Expected <int>: 2 to equal <int>: 3'],
        ['A Suite', 'math [It] panics', 'Test Panicked assignment to entry in nil map'],
        ['B Suite', '[BeforeSuite]', 'no database'],
      ],
    ],
    [
      'uvu',
      `index.js
• ✘ •   (2 / 3)

   FAIL  "strings"
    Expected values to be strictly equal:  (is)

        ++foo    (Expected)
    at Object.handler (/x/test/index.js:19:9)


 odd ✘ •   (1 / 2)

   FAIL  odd  "boom"
    kaput


  Total:     5
  Passed:    3
  Skipped:   1
  Duration:  17.02ms
`,
      [6, 2, 1],
      [
        ['', 'strings', 'Expected values to be strictly equal:  (is)'],
        ['odd', 'boom', 'kaput'],
      ],
    ],
    [
      'line-reporter',
      `passed: /x/test/a.test.js (460.3 ms)


Failed tests:

/x/test/b.test.js
	line: 8, column: 1
		Error: no
		    at TestContext.<anonymous> (/x/test/b.test.js:31:14)

	line: 40, column: 1
		Error: never


Passed: 270
Failed: 2
Total: 272
`,
      [272, 2, 0],
      [
        ['', 'b.test.js:8', 'Error: no'],
        ['', 'b.test.js:40', 'Error: never'],
      ],
    ],
  ])('%s', (tool, text, [total, failed, skipped], failures) => {
    expect(summaryOf(text)).toEqual({ tool, counts: { total, failed, skipped }, failed: failures });
  });

  it('shows what the specs of ginkgo say that are one test of Go', () => {
    const specs = `Running Suite: A Suite - /x/a
Will run 6 of 7 specs
------------------------------
${ginkgoSpecs}`;
    expect(summaryOf(`${specs}FAIL\texample.com/a\t0.01s\nFAIL\n`)).toMatchObject({
      tool: 'go test',
      failed: [
        ['example.com/a', 'TestA', 'math [It] breaks: Expected <int>: 2 to equal <int>: 3 (and 1 more)'],
      ],
    });
  });

  it('has the output of a test of Go that has no result, because its program ended', () => {
    const event = (fields: object) => `${JSON.stringify({ Package: 'm/a', ...fields })}\n`;
    const output = (Test: string, Output: string) => event({ Action: 'output', Test, Output });
    const { shown, findings } = watch(
      [
        output('TestDone', '    a_test.go:9: got 4\n'),
        event({ Action: 'fail', Test: 'TestDone' }),
        output('TestZ', '=== RUN   TestZ\n'),
        output('TestZ/x', '=== RUN   TestZ/x\n'),
        output('TestQuiet', '=== RUN   TestQuiet\n'),
        output('TestZ/x', 'panic: in goroutine\n'),
        output('TestZ/x', '\t/x/a_test.go:3 +0x25\n'),
        event({ Action: 'output', Output: 'FAIL\tm/a\t0.016s\n' }),
        event({ Action: 'fail', Elapsed: 0.016 }),
      ].join(''),
    );
    expect(shown).toBe(
      '    a_test.go:9: got 4\nFAIL\tm/a\t0.016s\npanic: in goroutine\n\t/x/a_test.go:3 +0x25\n',
    );
    const [{ drafts = [] } = {}] = findings;
    const cases = drafts.map((each) => finishCase(each, mask));
    expect(cases.map(({ name, message }) => [name, message])).toEqual([
      ['TestZ/x', 'panic: in goroutine'],
      ['TestZ', 'A subtest failed.'],
      ['TestQuiet', 'The test did not finish.'],
      ['TestDone', 'got 4'],
    ]);
    // A retest runs the whole suite because of it.
    for (const { details } of cases.slice(0, 3)) expect(details).toMatch(/^The test did not finish\.$/m);
  });

  it('has what a test of Go printed before its result, where go test is not verbose', () => {
    const text = 'connecting\nerror: no database\n--- FAIL: TestA (0.00s)\nFAIL\nFAIL\tm/a\t0.01s\n';
    expect(summaryOf(text).failed).toEqual([['m/a', 'TestA', 'error: no database']]);
    const crash = 'panic: cannot open the database\n\ngoroutine 1 [running]:\nFAIL\tm/a\t0.01s\n';
    expect(summaryOf(crash).failed).toEqual([['m/a', 'm/a', 'panic: cannot open the database']]);
  });

  it('is not a result without the summary of the tool', () => {
    expect(watch('✔ done\n  1) first\ntest x ... ok\nPASS src/a.test.js\n').findings).toEqual([]);
  });

  it('may have the name of a package before each line', () => {
    const text =
      'packages/a test:       Tests  1 failed | 2 passed (3)\nweb:test:       Tests  2 passed (2)\n';
    expect(watch(text).findings).toMatchObject([{ tool: 'vitest', counts: { total: 5, failed: 1 } }]);
  });

  it('names what failed where go does not say how many tests there are', () => {
    const { findings } = watch(
      '--- FAIL: TestA (0.00s)\n    a_test.go:3: no\nFAIL\nFAIL\texample.com/m\t0.1s\nok  \texample.com/n\t0.1s\n',
    );
    expect(findings).toMatchObject([
      { isPartial: true, drafts: [{ name: 'TestA', group: 'example.com/m' }] },
    ]);
  });
});

describe('events of go test -json', () => {
  it('are shown as go test shows them, with secrets masked', () => {
    const lines = [
      { Action: 'start', Package: 'm' },
      { Action: 'output', Package: 'm', Test: 'TestA', Output: '=== RUN   TestA\n' },
      { Action: 'output', Package: 'm', Test: 'TestA', Output: 'noise\n' },
      { Action: 'pass', Package: 'm', Test: 'TestA' },
      { Action: 'output', Package: 'm', Test: 'TestB', Output: '    a_test.go:4: s3cret\n' },
      { Action: 'output', Package: 'm', Test: 'TestB', Output: '--- FAIL: TestB (0.00s)\n' },
      { Action: 'fail', Package: 'm', Test: 'TestB' },
      { Action: 'output', Package: 'm', Output: 'FAIL\tm\t0.1s\n' },
      { Action: 'fail', Package: 'm' },
    ].map((event) => JSON.stringify(event).replace('s3cret', '\\u0073\\u0033cret'));
    const { shown, findings } = watch(`before\n${lines.join('\n')}\n{"level":"info"}\n`);
    expect(shown).toBe(
      'before\n    a_test.go:4: ***\n--- FAIL: TestB (0.00s)\nFAIL\tm\t0.1s\n{"level":"info"}\n',
    );
    expect(findings[0]?.drafts.map(({ name, outcome }) => [name, outcome])).toEqual([
      ['TestA', 'passed'],
      ['TestB', 'failed'],
    ]);
  });

  it('leave other bytes as they are', () => {
    const bytes = Buffer.from([0xff, 0xfe, 0x0a, 0x00, 0x0d, 0x0a]);
    expect(createOutputWatch(mask).take(bytes)).toEqual(bytes);
  });
});
