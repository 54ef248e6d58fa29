import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { berth, startBerth } from '../../helpers/berth-process.ts';
import { eventually } from '../../helpers/eventually.ts';
import { gitRepository } from '../../helpers/git-repository.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../../helpers/temporary-directory.ts';

let home: TemporaryDirectory;
beforeEach(async () => {
  home = await temporaryDirectory();
});
afterEach(() => home.remove());

/** A checkout with these files, and a function that runs `berth` in it with a separate temporary directory. */
async function checkout(files: Readonly<Record<string, string>>) {
  const repository = await gitRepository(join(home.path, 'repository'), files);
  const options = { directory: repository.path, env: { HOME: home.path, TMPDIR: home.path } };
  return { ...repository, options, run: (...args: string[]) => berth(['run', '--local', ...args], options) };
}

const passing = {
  'package.json': '{"scripts":{"test":"node --test"}}',
  'a.test.js': "require('node:test')('adds', () => {});",
};
const junit =
  '<testsuite name="s"><testcase name="adds"/><testcase name="divides"><failure message="by zero"/></testcase></testsuite>';

describe('berth run, in a git checkout without a server', () => {
  it('runs the commit that is checked out with the guessed command, and shows the log', async () => {
    const { run, sha } = await checkout(passing);
    const { exitCode, out, err } = await run();
    expect(err).toContain(`main @ ${sha.slice(0, 7)}  first`);
    expect(err).toContain('npm test  # guessed: package.json has a test script');
    // The reporter of Node 20 says "ok 1 - adds", that of Node 24 "✔ adds".
    expect(out).toMatch(/^(ok 1 -|✔) adds/m);
    expect(err).toContain('✔ succeeded');
    expect(exitCode).toBe(0);
  });

  it('has the environment of the user, or a clean one', async () => {
    const { options } = await checkout({ a: '' });
    const own = { ...options, env: { ...options.env, TOOL_SETTINGS: 'mine' } };
    const command = ['run', '--local', '--command', 'echo "[$TOOL_SETTINGS] [$HOME]"'];
    const { out } = await berth(command, own);
    expect(out).toContain(`[mine] [${home.path}]`);
    const clean = await berth([...command, '--clean-env'], own);
    expect(clean.out).not.toContain('mine');
    expect(clean.out).not.toContain(`[${home.path}]`);
  });

  it('warns about settings that have no effect, and shows outputs', async () => {
    const { run } = await checkout({ a: '' });
    const command = 'echo "port=8080" >> "$BERTH_OUTPUT"';
    const { out, err } = await run('--command', command, '--memory', '4096', '--image', 'node:22', '--json');
    expect(err).toContain('port 8080');
    expect(`${out}${err}`).toContain('The process executor ignores `image` and `memory`');
  });

  it('keeps the report, and nothing else', async () => {
    const { run } = await checkout(passing);
    const { err } = await run('--clean-env');
    const report = /report (\S+\.html)/.exec(err)?.[1] ?? '';
    expect(await readFile(report, 'utf8')).toContain('<html');
    expect((await readdir(home.path)).sort()).toEqual(['.cache', 'repository']);
  });

  it('ends with the exit code of failed tests, and names them', async () => {
    const { run } = await checkout({ 'junit.xml': junit });
    const { exitCode, out, err } = await run(
      '--command',
      'echo "on stack [$BERTH_STACK]"; exit 7',
      '--junit',
      '*.xml',
    );
    expect(exitCode).toBe(7);
    expect(out).toContain('on stack []\n');
    expect(err).toContain('✖ failed  1 of 2 tests failed.');
    expect(err).toContain('✖ s › divides');
  });

  it('uses the suites of .github/berth.yml', async () => {
    const settings =
      'suites:\n  unit: {command: echo unit, env: {SIZE: 3}}\n  e2e: {command: "echo e2e $SIZE", env: {SIZE: 4}}\n';
    const { run } = await checkout({ ...passing, '.github/berth.yml': settings });
    expect((await run()).out).toContain('\nunit\n');
    expect((await run('--suite', 'e2e', '--env', 'SIZE=9')).out).toContain('\ne2e 9\n');
    const unknown = await run('--suite', 'e2a');
    expect(unknown).toMatchObject({ exitCode: 2, err: expect.stringContaining('Did you mean e2e?') });
  });

  it('keeps caches of the checkout for the next run, and does not touch the home directory', async () => {
    const settings =
      'suites:\n  unit: {setup: "[ -e vendor/x ] || (mkdir vendor && echo new > vendor/x)", command: cat vendor/x, cache: [npm, {key: package.json, paths: vendor}]}\n';
    const { run } = await checkout({ ...passing, '.github/berth.yml': settings });
    const cold = await run();
    expect(cold.out).toContain('Cache npm: this machine keeps its files.');
    expect(cold.out).toContain('Cache vendor: nothing restored.');
    expect((await run()).out).toMatch(/Cache vendor: restored .* of branch "main"/);
    expect((await readdir(home.path)).sort()).toEqual(['.cache', 'repository']);
  });

  it('names the line of a mistake in the settings', async () => {
    const { run } = await checkout({ '.github/berth.yml': 'suites:\n  unit:\n    comand: x\n' });
    expect(await run()).toMatchObject({
      exitCode: 2,
      err: expect.stringContaining(
        '.github/berth.yml:3: suites.unit.comand: There is no setting `comand` here. Did you mean `command`?',
      ),
    });
  });

  it('warns that uncommitted changes are not part of the run', async () => {
    const { run, path } = await checkout({ 'a.txt': 'committed' });
    await writeFile(join(path, 'a.txt'), 'changed');
    const { out, err } = await run('--command', 'cat a.txt');
    expect(err).toContain('Uncommitted changes are not part of the run.');
    expect(out).toContain('committed');
    expect(out).not.toContain('changed');
  });

  it('runs another commit or branch of the checkout', async () => {
    const { run, sha } = await checkout({ 'a.txt': 'first' });
    await gitRepository(join(home.path, 'repository'), { 'a.txt': 'second' });
    expect((await run('--command', 'cat a.txt')).out).toContain('second');
    expect((await run('--sha', sha.slice(0, 10), '--command', 'cat a.txt')).out).toContain('first');
    expect(await run('--branch', 'gone')).toMatchObject({
      exitCode: 2,
      err: expect.stringContaining('no branch gone'),
    });
  });

  it('prints one JSON document for programs, and the log on standard error', async () => {
    const { run, sha } = await checkout(passing);
    const { exitCode, out, err } = await run(
      '--json',
      '--report',
      'report.html',
      '--command',
      'echo said; exit 3',
    );
    expect(JSON.parse(out)).toMatchObject({
      state: 'failed',
      exit_code: 3,
      sha,
      report_file: expect.stringMatching(/\/report\.html$/),
      // The server has ended.
      run_url: null,
      logs_url: null,
      report_url: null,
    });
    expect(err).toContain('said');
    expect(exitCode).toBe(3);
  });

  it('requests a command if it finds none', async () => {
    const { run } = await checkout({ 'README.md': '' });
    expect(await run()).toMatchObject({ exitCode: 2, err: expect.stringContaining('Set --command') });
  });

  it('needs a checkout, or a repository', async () => {
    const end = await berth(['run', '--local'], { directory: home.path });
    expect(end).toMatchObject({ exitCode: 2, err: expect.stringContaining('not in a git checkout') });
  });

  it.each([
    [['--detach'], '--detach needs a server'],
    [['--stack', 'test-1'], '--stack needs a server'],
    [['--project', 'web'], '--project needs a server'],
  ])('rejects %j, which need a server', async (args, reason) => {
    const { run } = await checkout(passing);
    expect(await run(...args)).toMatchObject({ exitCode: 2, err: expect.stringContaining(reason) });
  });

  it('is canceled by Ctrl-C, and leaves no process and no file behind', async () => {
    const { options } = await checkout({ 'a.txt': '' });
    const pidFile = join(home.path, 'pid');
    const command = `echo $$ > '${pidFile}'; echo started; sleep 300`;
    const { child, ended, written } = startBerth(['run', '--local', '--command', command], options);
    await eventually('the tests to start', async () => written().out.includes('started'));
    child.kill('SIGINT');
    const { exitCode, err } = await ended;
    expect(exitCode).toBe(130);
    expect(err).toContain('Canceling the run');
    expect(err).toContain('○ cancelled');
    const pid = Number(await readFile(pidFile, 'utf8'));
    // Signal 0 only asks whether there is such a process: kill(2).
    expect(() => process.kill(pid, 0)).toThrow('ESRCH');
    expect((await readdir(home.path)).filter((name) => name.startsWith('berth-'))).toEqual([]);
  });

  it.each([
    ['kill -9', ['SIGKILL']],
    ['the end of its terminal', ['SIGHUP']],
    ['a second Ctrl-C', ['SIGINT', 'SIGINT']],
  ] as const)('leaves nothing behind after %s', async (_, signals) => {
    const { options } = await checkout({ 'a.txt': '' });
    const files = { pid: join(home.path, 'pid'), ended: join(home.path, 'ended') };
    const command = `trap 'echo ended >> ${files.ended}; exit' TERM; echo $$ > '${files.pid}'; echo started; while :; do sleep 0.1; done`;
    const { child, ended, written } = startBerth(['run', '--local', '--command', command], options);
    await eventually('the tests to start', async () => written().out.includes('started'));
    const [first, second] = signals;
    child.kill(first);
    if (second !== undefined) {
      await eventually('the first to count', async () => written().err.includes('Canceling'));
      child.kill(second);
    }
    await ended;
    await eventually('the data directory to be removed', async () =>
      (await readdir(home.path)).every((name) => !name.startsWith('berth-')),
    );
    const pid = Number(await readFile(files.pid, 'utf8'));
    expect(() => process.kill(pid, 0)).toThrow('ESRCH');
    // The tests could clean up.
    expect(await readFile(files.ended, 'utf8')).toBe('ended\n');
  });
});

describe('berth run, with a server that does not answer', () => {
  it('does not run anywhere else', async () => {
    const { options } = await checkout(passing);
    const env = { ...options.env, BERTH_URL: 'http://127.0.0.1:2' };
    const end = await berth(['run'], { ...options, env });
    expect(end).toMatchObject({ exitCode: 3, err: expect.stringContaining('No Berth server answers') });
  });
});
