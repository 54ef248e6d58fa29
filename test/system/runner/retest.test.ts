import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { type GitRepository, makeRepository } from './harness/git-repository.ts';
import { retest } from './harness/retest.ts';

/** A test that fails the first time. */
const once = `const fs = require('fs');
const once = () => {
  const mark = process.env.STATE + '/ran';
  if (fs.existsSync(mark)) return;
  fs.writeFileSync(mark, '');
  throw new Error('flaky');
};`;
const many = (count: number) =>
  `for (let index = 0; index < ${count}; index += 1) it('adds ' + index, () => {});`;
// A shell would run parts of this name.
const flaky = 'is $(touch HOSTILE) `touch HOSTILE` it\\\'s "so" | [x]';
const suite = (count: number) =>
  `${once} describe('sums', () => { ${many(count)} it('${flaky}', () => { once(); }); });`;
const inNode = (text: string) => `const { it, describe } = require('node:test'); ${text}`;
const python = `import os
def test_works(): pass
class TestSums:
    def test_flaky(self):
        mark = os.environ['STATE'] + '/ran'
        if os.path.exists(mark): return
        open(mark, 'w').close()
        assert False
`;
/** Fails as its arguments say: the names of the tests that it runs. */
const fake = `#!/usr/bin/env bash
mark=$STATE/ran; cases=; code=0
if [ $# = 0 ]; then set -- works "it's flaky" broken; fi
for name; do
  if [ "$name" = "sums it's flaky" ]; then name="it's flaky"; fi
  if [ "$name" = "sums broken" ]; then name=broken; fi
  cases="$cases<testcase classname='sums' name=\\"$name\\">"
  if [ "$name" = broken ] || { [ "$name" = "it's flaky" ] && ! [ -e $mark ]; }; then cases="$cases<failure/>"; code=1; fi
  cases="$cases</testcase>"
done
touch $mark; echo "Ran $#"
echo "<testsuite>$cases</testsuite>" > report.xml; exit $code
`;

let repository: GitRepository;
beforeAll(async () => {
  repository = await makeRepository({
    'package.json': '{ "scripts": { "unit": "node --test node/" } }',
    'node/a.test.js': inNode(`describe('more', () => { ${many(1_000)} });`),
    'node/b.test.js': inNode(suite(1_000)),
    'jest/a.test.js': suite(20),
    'python/test_sums.py': python,
    'fake.sh': fake,
  });
});

const jest = `node ${resolve('node_modules/jest/bin/jest.js')} --rootDir=jest --json --outputFile=berth-jest.json`;

describe('a retest of failed tests', () => {
  it.each([
    ['node:test in a script', 'npm run unit', 2_001, true],
    ['jest', jest, 21, true],
    [
      'pytest',
      'python3 -m pytest --junitxml=junit.xml python',
      2,
      spawnSync('python3', ['-m', 'pytest', '--version']).status === 0,
    ],
  ])('runs one test of %s, and counts all', async (_tool, command, total, isInstalled) => {
    // What is not installed is not tested; CI has it.
    if (!isInstalled) return;
    const directory = await mkdtemp(join(tmpdir(), 'berth-test-hostile-'));
    const { first, second } = await retest(repository, { command, env: { HOSTILE: directory } });
    expect(first.result).toMatchObject({ outcome: 'failed', tests: { total, failed: 1 } });
    expect(second.result).toMatchObject({
      outcome: 'succeeded',
      exitCode: 0,
      tests: { total, passed: total, failed: 0, flaky: 1, earlier: total - 1 },
      passedOnRetry: [expect.stringMatching(/flaky|is /)],
      warnings: [],
    });
    expect(second.cases.filter(({ earlier }) => earlier !== true)).toEqual([
      expect.objectContaining({ outcome: 'passed', flaky: true }),
    ]);
    expect(existsSync(join(directory, 'HOSTILE'))).toBe(false);
  });

  const job = { command: 'bash fake.sh', junit: ['report.xml'] };
  const by = { command: 'bash fake.sh {tests}' };

  it('fails if a test fails again, and merges what passed', async () => {
    const { first, second } = await retest(repository, job, by);
    expect(first.result.tests).toMatchObject({ total: 3, failed: 2 });
    expect(second.lines).toEqual(['Ran 2']);
    expect(second.result).toMatchObject({
      outcome: 'failed',
      tests: { total: 3, passed: 2, failed: 1, flaky: 1, earlier: 1 },
      failures: [{ name: 'broken' }],
      passedOnRetry: ["sums › it's flaky"],
    });
  });

  it.each([
    ['the commit is another one', 'another commit', { ...by, sha: '0'.repeat(40) }],
    ['Berth does not know the command', 'how its command selects tests', {}],
    [
      'the selected run ran another test',
      '2 failed tests have no result',
      { command: 'bash fake.sh other; : {tests}' },
    ],
    ['the selected run has no results', 'no result', { command: 'rm -f report.xml; : {tests}' }],
    [
      'the command fails without its tests',
      'the command failed',
      { command: 'bash fake.sh {tests} || sed -i s/.failure..// report.xml; exit 3' },
    ],
  ])('runs the whole suite if %s', async (_when, reason, rerun) => {
    const { second } = await retest(repository, job, rerun);
    expect(second.lines.at(-1)).toBe('Ran 3');
    expect(second.result).toMatchObject({
      outcome: 'failed',
      tests: { total: 3, passed: 2, failed: 1 },
      warnings: [{ code: 'whole_suite', message: expect.stringContaining(reason) }],
    });
    expect(second.result.tests).not.toHaveProperty('earlier');
  });
});
