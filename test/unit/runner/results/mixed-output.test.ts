import { describe, expect, it } from '@jest/globals';
import { createOutputWatch } from '../../../../runner-image/src/results/lines/output-watch.ts';
import { secondsOf } from '../../../../runner-image/src/results/result-case.ts';
import { collectResults as collect } from '../../../helpers/collect-results.ts';

function findings(text: string) {
  const reader = createOutputWatch((line) => line);
  reader.take(Buffer.from(text));
  return reader.findings();
}

const namesOf = (text: string) => findings(text).flatMap(({ drafts }) => drafts.map(({ name }) => name));

describe('the output of a test tool', () => {
  it('may have diagnostics of tests that look like the summary of node --test', () => {
    const text = `ℹ Seed 42
✔ a (9ms)
✖ b (2ms)
ℹ tests 2
ℹ pass 1
ℹ fail 1

✖ failing tests:

test at a.test.js:3:1
✖ b (2ms)
  Error: no
`;
    const [{ drafts = [] } = {}] = findings(text);
    expect(drafts.map(({ name, outcome, durationSeconds }) => [name, outcome, durationSeconds])).toEqual([
      ['a', 'passed', 0.009],
      ['b', 'failed', 0.002],
    ]);
  });

  it('is not that of uvu because it counts something else', () => {
    expect(findings('Processing (1 / 10)\n  Passed: 10\n')).toEqual([]);
  });

  it('keeps what a title of ava begins with', () => {
    const text =
      '  ✔ [api] returns 200\n  ✖ [api] fails\n  ─\n\n  [api] fails\n\n  Error: no\n\n  ─\n\n  1 test failed\n';
    expect(namesOf(text).sort()).toEqual(['[api] fails', '[api] returns 200']);
  });

  it('may be that of ava for several packages', () => {
    const run = (name: string) => `  ✔ ${name}\n  ─\n\n  1 test passed\n`;
    expect(namesOf(run('one') + run('two'))).toEqual(['one', 'two']);
  });

  it('may be that of unittest and PHPUnit', () => {
    const text =
      'Ran 3 tests in 0.1s\n\nOK\n\nPHPUnit 11.0 by Sebastian Bergmann.\n\nOK (5 tests, 10 assertions)\n';
    const totals = findings(text).map(({ tool, counts }) => [tool, counts?.total]);
    expect(totals).toEqual(
      expect.arrayContaining([
        ['unittest', 3],
        ['PHPUnit', 5],
      ]),
    );
  });

  it('has the name of a skipped test of mocha without the reason', () => {
    const text = '\n  s\n    ✔ x # SKIP not here\n    ✔ y\n\n  2 passing (9ms)\n';
    expect(namesOf(text)).toEqual(['x', 'y']);
  });

  it.each([
    ['pytest', (long: string) => `=== 1 passed ${long} in 1s ===`],
    ['nextest', (long: string) => `     Summary [   0.1s] 1 test run: ${long}`],
    ['unittest', (long: string) => `Ran 1 test in 0.1s\n\nOK (a=1 ${long})`],
    ['PHPUnit', (long: string) => `Tests: 1, Assertions: 1${long}`],
    ['vitest', (long: string) => ` Tests  ${long} (3)`],
    ['jest', (long: string) => `Tests: ${long}`],
    ['ava', (long: string) => `  ✘ [fail]: ${long}`],
    ['Playwright', (long: string) => `  1) a:1:1 › ${long}x`],
  ])('takes no more than linear time to read a long line of %s', (_, line) => {
    // With a pattern that backtracks, this takes from seconds to hours.
    for (const long of ['a', ' ', 'a ', '1']) findings(`${line(long.repeat(60_000 / long.length))}\n`);
  });
});

describe('durations', () => {
  it('in milliseconds are exact', () => {
    expect(['9ms', '1ms', '1s 5ms', '83 ms'].map(secondsOf)).toEqual([0.009, 0.001, 1.005, 0.083]);
  });
});

describe('a result file of xUnit.net', () => {
  it('has the message of an error without an element for the failure', async () => {
    const { failures } = await collect({
      'xunit.xml': `<assemblies><assembly name="/x/A.dll"><errors><error name="z"><message>boom</message><stack-trace>at A.z</stack-trace></error></errors>
<collection><test name="A.B" type="A" method="B" result="Fail"><message>bang</message></test></collection></assembly></assemblies>`,
    });
    expect(failures.map(({ name, message }) => [name, message])).toEqual([
      ['z', 'boom'],
      ['B', 'bang'],
    ]);
  });
});
