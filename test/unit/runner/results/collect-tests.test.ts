import { symlink, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { ResultCase } from '../../../../runner-image/src/results/result-case.ts';
import { createXmlReader } from '../../../../runner-image/src/results/xml/xml-reader.ts';
import { checkoutWith, collectResults as collect } from '../../../helpers/collect-results.ts';

function parse(...chunks: string[]) {
  const cases: ResultCase[] = [];
  const parser = createXmlReader({ onCase: (testCase) => cases.push(testCase), mask: (text) => text });
  for (const chunk of chunks) parser.write(chunk);
  const { problem, isResults } = parser.close();
  return { cases, problem, isResults };
}

/** Returns the memory in use after a garbage collection. */
function heapUsedBytes(): number {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
  return process.memoryUsage().heapUsed;
}

const failing = (text: string, attributes = '') =>
  `<testsuite name="suite"><testcase name="breaks" classname="a.B" ${attributes}><failure message="no">${text}</failure></testcase></testsuite>`;

describe('reading a JUnit document', () => {
  it('tells passed, failed, errored and skipped tests apart', () => {
    const { cases } = parse(`<?xml version="1.0"?><testsuites><testsuite name="s">
      <testcase name="one" classname="c" time="1.5"/>
      <testcase name="two"><failure message="expected 1 to be 2" type="AssertionError">at line 3</failure></testcase>
      <testcase name="three"><error message="boom"/></testcase>
      <testcase name="four"><skipped/></testcase>
      <testcase name="five" status="notrun"/></testsuite></testsuites>`);
    expect(cases.map(({ name, outcome }) => [name, outcome])).toEqual([
      ['one', 'passed'],
      ['two', 'failed'],
      ['three', 'failed'],
      ['four', 'skipped'],
      ['five', 'skipped'],
    ]);
    expect(cases[0]).toMatchObject({ group: 'c', durationSeconds: 1.5 });
    expect(cases[1]).toMatchObject({ group: 's', message: 'expected 1 to be 2', details: 'at line 3' });
  });

  it('reads suites within suites', () => {
    const { cases } = parse(
      '<testsuites><testsuite name="outer"><testcase name="a"/><testsuite name="inner"><testcase name="b"/></testsuite><testcase name="c"/></testsuite></testsuites>',
    );
    expect(cases.map(({ name, group }) => [name, group])).toEqual([
      ['a', 'outer'],
      ['b', 'inner'],
      ['c', 'outer'],
    ]);
  });

  it('counts the last test before a document breaks off', () => {
    const { cases, problem } = parse('<testsuite><testcase name="a"/><testcase name="b"/>');
    expect(cases.map(({ name }) => name)).toEqual(['a', 'b']);
    expect(problem).toContain('unclosed');
  });

  it('reads documents that follow each other', () => {
    const document = (name: string) =>
      `<?xml version="1.0"?>\n<testsuite><testcase name="${name}"/></testsuite>\n`;
    const { cases, problem } = parse(document('a') + document('b'));
    expect(cases.map(({ name }) => name)).toEqual(['a', 'b']);
    expect(problem).toBeUndefined();
  });

  it('reads thousands of suites within suites', () => {
    const depth = 3_000;
    const tests = '<testcase name="a" classname="test"/>'.repeat(20_000);
    const { cases } = parse('<testsuite name="s">'.repeat(depth) + tests + '</testsuite>'.repeat(depth));
    expect(cases).toHaveLength(20_000);
    expect(cases[0]?.group.length).toBeLessThan(100);
  });

  it.each([
    ['1.234,5', 1_234.5],
    ['0,25', 0.25],
    ['12 ms', 0.012],
    ['1m 3s', 63],
    ['PT1M3.5S', 63.5],
    ['NaN', 0],
    ['-5', 0],
    ['1e300', 0],
  ])('reads the time %s', (time, seconds) => {
    expect(
      parse(`<testsuite><testcase name="a" time="${time}"/></testsuite>`).cases[0]?.durationSeconds,
    ).toBe(seconds);
  });

  it('counts a suite that could not run as a failed test', () => {
    const { cases } = parse(
      '<testsuite name="login"><error message="cannot be collected">trace</error></testsuite>',
    );
    expect(cases).toEqual([
      expect.objectContaining({ name: 'login', outcome: 'failed', message: 'cannot be collected' }),
    ]);
  });

  it('takes a test that passed at the second try for passed', () => {
    const { cases } = parse(
      '<testsuite><testcase name="a"><flakyFailure message="once"/></testcase></testsuite>',
    );
    expect(cases[0]?.outcome).toBe('passed');
  });

  it('adds the output of a failed test to its details', () => {
    const { cases } = parse(
      '<testsuite><testcase name="a"><failure>trace</failure><system-out><![CDATA[said <this>]]></system-out></testcase></testsuite>',
    );
    expect(cases[0]?.details).toBe('trace\n\nOutput:\nsaid <this>');
  });

  it('accepts colors and control characters, which XML forbids', () => {
    const { cases, problem } = parse(
      '<testsuite><testcase name="a"><failure message="&#27;[31mred&#27;[0m">\u001b[1mbold\u001b[0m \u0000</failure></testcase></testsuite>',
    );
    expect(problem).toBeUndefined();
    expect(cases[0]).toMatchObject({
      message: expect.stringContaining('red'),
      details: expect.stringMatching(/^bold/),
    });
  });

  it('keeps what came before an error, and names its position', () => {
    const { cases, problem } = parse(
      '<testsuite><testcase name="a"/><testcase name="b"></wrong></testsuite>',
    );
    expect(cases.map(({ name }) => name)).toEqual(['a']);
    expect(problem).toMatch(/^1:\d+: /);
  });

  it('keeps what came before the end of a document that breaks off', () => {
    const { cases, problem } = parse(
      '<testsuite><testcase name="a"/><testcase name="b"><failure message="no">tra',
    );
    expect(cases.map(({ name, outcome }) => [name, outcome])).toEqual([
      ['a', 'passed'],
      ['b', 'failed'],
    ]);
    expect(problem).toBeDefined();
  });

  it('tells other documents from JUnit', () => {
    expect(parse('<coverage line-rate="1"/>').isResults).toBe(false);
  });

  it('expands no entities that the document defines', () => {
    const bomb = '<!DOCTYPE a [<!ENTITY x "xxxxxxxxxx"><!ENTITY y "&x;&x;&x;">]>';
    const { cases } = parse(`${bomb}<testsuite><testcase name="&y;"/></testsuite>`);
    expect(cases[0]?.name.length ?? 0).toBeLessThan(10);
  });

  it('reads the same, however the document is cut into chunks', () => {
    const document =
      '<testsuites><testsuite name="s"><testcase name="é &amp; 漢" time="0.5"><failure message="m"><![CDATA[a]]>b</failure></testcase></testsuite></testsuites>';
    fc.assert(
      fc.property(fc.array(fc.nat({ max: document.length })), (cuts) => {
        const places = [0, ...cuts.sort((a, b) => a - b), document.length];
        const chunks = places.slice(1).map((end, index) => document.slice(places[index], end));
        expect(parse(...chunks)).toEqual(parse(document));
      }),
    );
  });

  it('never throws, whatever the document is', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.constantFrom(
            '<testsuite>',
            '<testcase name="a">',
            '</testcase>',
            '<failure>',
            '</',
            '>',
            '&',
            '<![CDATA[',
            ']]>',
            '<!--',
            'x',
            '"',
            '<?xml',
            '\u0000',
          ),
        ),
        (parts) => {
          expect(() => parse(...parts)).not.toThrow();
        },
      ),
    );
  });

  it('holds little of a text, however long it is', () => {
    const parser = createXmlReader({ onCase: () => undefined, mask: (text) => text });
    parser.write('<testsuite><testcase name="a"><system-out>');
    const before = heapUsedBytes();
    for (let part = 0; part < 40; part += 1)
      parser.write(String.fromCharCode(97 + (part % 26)).repeat(1024 * 1024));
    expect(heapUsedBytes() - before).toBeLessThan(10 * 1024 * 1024);
    parser.write('</system-out></testcase></testsuite>');
    expect(parser.close().problem).toBeUndefined();
  });
});

describe('collecting test results', () => {
  const one = '<testsuite name="s"><testcase name="a" time="1"/></testsuite>';

  it('adds up all files', async () => {
    const { totals, slowest } = await collect({
      'junit-1.xml': one,
      'deep/test-results/x.xml':
        '<testsuite><testcase name="b" time="2"/><testcase name="c"><failure/></testcase></testsuite>',
    });
    expect(totals).toEqual({ total: 3, passed: 2, failed: 1, skipped: 0, durationSeconds: 3 });
    expect(slowest.map(({ name }) => name)).toEqual(['b', 'a']);
  });

  it('finds nothing where nothing was written', async () => {
    expect((await collect({ 'a.xml': one })).totals).toBeUndefined();
  });

  it('leaves out old files that lie in the usual places', async () => {
    const checkout = await checkoutWith({ 'fixtures/junit.xml': one });
    await utimes(join(checkout, 'fixtures/junit.xml'), 1_000, 1_000);
    expect((await collect({}, { checkout, writtenSinceMs: 2_000_000 })).totals).toBeUndefined();
  });

  it('warns of a named file that the commands did not write', async () => {
    const options = { globs: ['junit.xml'], writtenSinceMs: Date.now() + 60_000 };
    const { totals, warnings } = await collect({ 'junit.xml': one }, options);
    expect(totals?.total).toBe(1);
    expect(warnings).toEqual([{ code: 'junit_stale', message: expect.stringContaining('junit.xml') }]);
  });

  it('leaves out old files next to those that the commands wrote', async () => {
    const checkout = await checkoutWith({ 'junit-a.xml': one, 'junit-b.xml': one });
    const later = new Date(Date.now() + 120_000);
    await utimes(join(checkout, 'junit-b.xml'), later, later);
    const options = { checkout, globs: ['*.xml'], writtenSinceMs: Date.now() + 60_000 };
    const { totals, warnings } = await collect({}, options);
    expect(totals?.total).toBe(1);
    expect(warnings[0]?.message).toContain('junit-a.xml');
  });

  it('counts a named file that was copied with its old time', async () => {
    const checkout = await checkoutWith({ 'junit.xml': one });
    await utimes(join(checkout, 'junit.xml'), 1_000, 1_000);
    const options = { checkout, globs: ['junit.xml'], writtenSinceMs: 2_000_000 };
    expect((await collect({}, options)).totals?.total).toBe(1);
  });

  it('leaves out node_modules', async () => {
    expect((await collect({ 'node_modules/x/junit.xml': one })).totals).toBeUndefined();
  });

  it('reads the files that the suite names, and counts each once', async () => {
    const { totals } = await collect({ 'out/a.xml': one }, { globs: ['out/*.xml', 'out/a.*'] });
    expect(totals?.total).toBe(1);
  });

  it('does not follow a glob or a link out of the checkout', async () => {
    const outside = await checkoutWith({ 'junit.xml': one });
    const checkout = await checkoutWith({});
    await symlink(join(outside, 'junit.xml'), join(checkout, 'junit.xml'));
    const { totals } = await collect(
      {},
      { checkout, globs: [`${outside}/*.xml`, '../*/junit.xml', 'junit.xml'] },
    );
    expect(totals).toBeUndefined();
  });

  it('warns of a malformed file and counts the others', async () => {
    const { totals, warnings } = await collect({ 'junit-a.xml': one, 'junit-b.xml': '<testsuite><testcase' });
    expect(totals?.total).toBe(1);
    expect(warnings).toEqual([{ code: 'junit_malformed', message: expect.stringContaining('junit-b.xml') }]);
  });

  it('warns when a named file is not a JUnit file, or is missing', async () => {
    const named = await collect({ 'a.xml': '<coverage/>' }, { globs: ['a.xml'] });
    expect(named.warnings).toEqual([{ code: 'junit_malformed', message: expect.stringContaining('a.xml') }]);
    const missing = await collect({}, { globs: ['b.xml'] });
    expect(missing.warnings).toEqual([
      { code: 'junit_not_found', message: expect.stringContaining('b.xml') },
    ]);
    const elsewhere = await collect({ 'api/b.xml': one }, { globs: ['b.xml'] });
    expect(elsewhere.warnings[0]?.message).toContain('api/b.xml exists');
  });

  it('warns when a file states failed tests, and lists none', async () => {
    const { warnings } = await collect({ 'junit.xml': '<testsuite tests="5" failures="2" errors="1"/>' });
    expect(warnings).toEqual([
      { code: 'junit_incomplete', message: 'junit.xml states 3 failed tests, and lists none.' },
    ]);
  });

  it('names the first hundred failures, and counts them all', async () => {
    const cases = Array.from({ length: 150 }, (_, i) => `<testcase name="t${i}"><failure/></testcase>`);
    const { totals, failures } = await collect({ 'junit.xml': `<testsuite>${cases.join('')}</testsuite>` });
    expect(totals?.failed).toBe(150);
    expect(failures).toHaveLength(100);
  });

  it('reads files in other encodings', async () => {
    const latin1 = Buffer.from(
      '<?xml version="1.0" encoding="ISO-8859-1"?><testsuite><testcase name="é"/></testsuite>',
      'latin1',
    );
    const utf16 = Buffer.from(
      '\ufeff<?xml version="1.0" encoding="UTF-16"?><testsuite><testcase name="漢"/></testsuite>',
      'utf16le',
    );
    const noMark = Buffer.from('<testsuite><testcase name="字"/></testsuite>', 'utf16le');
    const { cases } = await collect({ 'junit-1.xml': latin1, 'junit-2.xml': utf16, 'junit-3.xml': noMark });
    expect(cases.map(({ name }) => name)).toEqual(['é', '漢', '字']);
  });
});

describe('where a failed test is', () => {
  const file = (path: string) => ({ [path]: '' });

  it.each([
    [
      'Python',
      'tests/test_a.py',
      'Traceback\n  File "/usr/lib/python3/unittest.py", line 5\n  File "ROOT/tests/test_a.py", line 12, in test',
    ],
    ['pytest', 'tests/test_a.py', 'def test():\n>  assert 1 == 2\n\ntests/test_a.py:12: AssertionError'],
    [
      'JavaScript',
      'src/a.test.js',
      'Error: no\n    at Object.<anonymous> (ROOT/src/a.test.js:12:7)\n    at ROOT/node_modules/x/index.js:1:1',
    ],
    ['ES modules', 'src/a.test.mjs', 'Error\n    at file://ROOT/src/a.test.mjs:12:7'],
    [
      'Java',
      'src/test/java/com/acme/LoginTest.java',
      'java.lang.AssertionError\n\tat org.junit.Assert.fail(Assert.java:89)\n\tat com.acme.LoginTest.works(LoginTest.java:12)',
    ],
    ['Go', 'pkg/a_test.go', '    pkg/a_test.go:12: expected 1'],
    ['Ruby', 'spec/a_spec.rb', "Failure/Error: x\n./spec/a_spec.rb:12:in `block'"],
    ['.NET', 'tests/A.cs', '   at Acme.A.Works() in ROOT/tests/A.cs:line 12'],
    ['Rust', 'src/lib.rs', "thread 'a' panicked at src/lib.rs:12:5"],
  ])('is read from a trace of %s', async (_, path, trace) => {
    const results = failing(trace.replaceAll('<', '&lt;'));
    const { failures } = await collect({ ...file(path), 'junit.xml': results });
    expect(failures[0]).toMatchObject({ file: path, line: 12 });
  });

  it('is what the file says, where it says it', async () => {
    const { failures } = await collect({
      'src/a.test.ts': '',
      'src/b.ts': '',
      'junit.xml': failing('at src/b.ts:3:1\nat src/a.test.ts:9:1', 'file="src/a.test.ts" line="2"'),
    });
    expect(failures[0]).toMatchObject({ file: 'src/a.test.ts', line: 9 });
  });

  it('is found in a package of a repository of many', async () => {
    const { failures } = await collect({
      'packages/shop/src/a.test.ts': '',
      'packages/shop/reports/junit.xml': failing('no trace', 'file="src/a.test.ts" line="2"'),
    });
    expect(failures[0]).toMatchObject({ file: 'packages/shop/src/a.test.ts', line: 2 });
  });

  it('is the file of its class, where there is no trace', async () => {
    const { failures } = await collect({
      'tests/test_a.py': '',
      'junit.xml': failing('', '').replace('a.B', 'tests.test_a.TestA'),
    });
    expect(failures[0]?.file).toBe('tests/test_a.py');
    expect(failures[0]?.line).toBeUndefined();
  });

  it('is left open rather than outside of the checkout', async () => {
    const { failures } = await collect({
      'junit.xml': failing('at /etc/passwd:1:1\nat ../../x.py:2', 'file="/etc/hosts" line="1"'),
    });
    expect(failures[0]?.file).toBeUndefined();
  });
});
