import { spawnSync } from 'node:child_process';
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type TemporaryDirectory, temporaryDirectory } from '../../helpers/temporary-directory.ts';

const script = fileURLToPath(new URL('../../../.ci/run', import.meta.url));
/** Records each call. `npm test` fails once for each line in `failures`, which lists the failed files. */
const npm = `#!/usr/bin/env bash
echo "$*" >> calls
case $* in
  *lint*) [ ! -e lint-fails ] ;;
  test*)
    listed=$(sed -n 1p failures)
    sed -i 1d failures
    if [ -n "$listed" ]; then tr ' ' '\\n' <<< "$listed" | grep -v nothing > "$FAILED_TEST_FILES"; exit 1; fi ;;
esac
`;

describe('.ci/run', () => {
  let directory: TemporaryDirectory;
  beforeEach(async () => {
    directory = await temporaryDirectory();
    const at = (...names: string[]) => join(directory.path, ...names);
    await mkdir(at('.ci'));
    await mkdir(at('bin'));
    await copyFile(script, at('.ci', 'run'));
    await writeFile(at('bin', 'npm'), npm, { mode: 0o755 });
    await writeFile(at('package.json'), '{"scripts":{"demo":"true"}}');
  });
  afterEach(() => directory.remove());

  async function ci(failures: string, broken: string[] = []) {
    await writeFile(join(directory.path, 'failures'), failures);
    await Promise.all(broken.map((name) => writeFile(join(directory.path, name), '')));
    const { status, stdout } = spawnSync('bash', ['.ci/run'], {
      cwd: directory.path,
      encoding: 'utf8',
      env: { ...process.env, PATH: `${join(directory.path, 'bin')}${delimiter}${process.env.PATH}` },
    });
    const calls = (await readFile(join(directory.path, 'calls'), 'utf8')).trim().split('\n');
    return { status, stdout, calls, last: stdout.trim().split('\n').at(-1) };
  }

  it('counts what passes', async () => {
    const { status, calls, last, stdout } = await ci('');
    expect({ status, last }).toEqual({ status: 0, last: '5 passed, 0 failed' });
    expect(calls).toEqual(['ci --no-audit --no-fund', 'test', 'run lint', 'run types', 'run --silent demo']);
    expect(stdout).not.toContain('flaky');
  });

  it('names a test file that fails once and then passes, and continues', async () => {
    const { status, calls, last, stdout } = await ci('test/a.test.ts test/b.test.ts\n');
    expect({ status, last }).toEqual({ status: 0, last: '5 passed, 0 failed' });
    expect(calls.slice(1, 3)).toEqual(['test', 'test -- test/a.test.ts test/b.test.ts']);
    expect(stdout).toContain('flaky, to be fixed: tests (test/a.test.ts test/b.test.ts)');
  });

  it('fails if a file fails twice', async () => {
    const { status, last, stdout } = await ci('test/a.test.ts\ntest/a.test.ts\n');
    expect({ status, last }).toEqual({ status: 1, last: '4 passed, 1 failed' });
    expect(stdout).toContain('failed: tests');
    expect(stdout).not.toContain('flaky, to be fixed');
  });

  it('repeats nothing if many files fail, or if a suite does not name them', async () => {
    for (const listed of ['a b c d', 'nothing']) {
      const { status, calls, last } = await ci(`${listed}\n`);
      expect({ status, last }).toEqual({ status: 1, last: '4 passed, 1 failed' });
      expect(calls.filter((call) => call.startsWith('test --'))).toEqual([]);
    }
  });

  it('does not repeat other checks', async () => {
    const { status, calls, last } = await ci('', ['lint-fails']);
    expect({ status, last }).toEqual({ status: 1, last: '4 passed, 1 failed' });
    expect(calls.filter((call) => call === 'run lint')).toHaveLength(1);
  });
});
