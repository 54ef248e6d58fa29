import { writeFile } from 'node:fs/promises';
import { beforeAll, describe, expect, it } from '@jest/globals';
import type { GitSource } from '../../../runner-image/src/source/git-checkout.ts';
import { makeRepository } from './harness/git-repository.ts';
import { runRunner, startRunner } from './harness/run-runner.ts';

let source: GitSource;
beforeAll(async () => {
  const repository = await makeRepository();
  source = { kind: 'git', url: repository.url, branch: 'main' };
});

describe("a command's output", () => {
  it('has standard output and standard error in the order in which they were written', async () => {
    const command = 'for i in 1 2 3 4 5; do echo out $i; echo err $i >&2; done';
    const run = await runRunner({ source, command });
    expect(run.lines).toEqual([1, 2, 3, 4, 5].flatMap((i) => [`out ${i}`, `err ${i}`]));
  });

  it('arrives as it is written, not at the end', async () => {
    const runner = await startRunner({
      source,
      command: 'echo first; until [ -e ../go ]; do :; done; echo second',
    });
    await runner.printed('first');
    await writeFile(`${runner.workDirectory}/go`, '');
    const run = await runner.end();
    expect(run.lines).toEqual(['first', 'second']);
  });

  it('keeps colors, control characters, carriage returns, and bytes that are not text', async () => {
    const command = String.raw`printf '\033[31mred\033[0m\r50%%\r100%%\a\n\377\376\000end\n'`;
    const run = await runRunner({ source, command });
    const expected = Buffer.from(
      '\u001b[31mred\u001b[0m\r50%\r100%\u0007\n\u00ff\u00fe\u0000end\n',
      'latin1',
    );
    expect(run.output.includes(expected)).toBe(true);
  });

  it('keeps characters that were written byte by byte', async () => {
    const command = String.raw`for byte in 346 274 242 012; do printf "\\$byte"; done`;
    const run = await runRunner({ source, command });
    expect(run.lines).toEqual(['漢']);
  });

  it('keeps a line of a million characters whole', async () => {
    const run = await runRunner({
      source,
      command: 'head -c 1000000 /dev/zero | tr "\\0" x; echo; echo after',
    });
    expect(run.lines.map(({ length }) => length)).toEqual([1_000_000, 5]);
  });

  it('arrives in pieces if a line has no end', async () => {
    const run = await runRunner({ source, command: 'head -c 5000000 /dev/zero | tr "\\0" x' });
    expect(run.lines.length).toBe(5);
    expect(run.lines.join('').length).toBe(5_000_000);
  });

  it('can be written through /dev/stdout and /dev/stderr', async () => {
    const run = await runRunner({ source, command: 'echo one > /dev/stdout; echo two | tee /dev/stderr' });
    expect(run.lines).toEqual(['one', 'two', 'two']);
  });

  it('contains no secret, and neither do uploads', async () => {
    const command = [
      'echo "$TOKEN"; printf "%s" "$HALF_ONE"; printf "%s\\n" "$HALF_TWO"',
      "echo \"<testsuite><testcase name='says $TOKEN'><failure message='$TOKEN'/></testcase></testsuite>\" > junit.xml",
      'exit 1',
    ].join('\n');
    const env = { HALF_ONE: 'hunter2-', HALF_TWO: 'topsecret' };
    const run = await runRunner({ source, command, env, secretEnv: { TOKEN: 'hunter2-topsecret' } });
    expect(run.lines).toEqual(['***', '***']);
    expect(run.result.tests?.failed).toBe(1);
    for (const { body } of run.server.received) expect(body.toString()).not.toContain('topsecret');
  });

  it('appears in the result with its last hundred lines', async () => {
    const run = await runRunner({ source, command: 'seq 1 500' });
    expect(run.result.logTail).toHaveLength(100);
    expect(run.result.logTail.filter((line) => /^\d+$/.test(line)).at(-1)).toBe('500');
  });

  it('uses bounded memory', async () => {
    const megabytes = 300;
    const command = `head -c ${megabytes}M /dev/zero | tr '\\0' 'x' | fold -w 120; echo; grep VmHWM /proc/$PPID/status`;
    const runner = await startRunner({ source, command }, { keepOutput: false });
    const run = await runner.end();
    const peak = run.result.logTail.find((line) => line.startsWith('VmHWM')) ?? '';
    const peakMib = Number(/(\d+) kB/.exec(peak)?.[1]) / 1024;
    expect(run.result.outcome).toBe('succeeded');
    expect(peakMib).toBeGreaterThan(10);
    expect(peakMib).toBeLessThan(220);
  });

  it('ends at the limit of the log; the command continues, and the result and the end of the report have it', async () => {
    const command = 'for i in $(seq 2000); do echo "line $i of the output"; done; exit 3';
    const run = await runRunner({ source, command, limits: { logBytes: 10_000 } });
    expect(run.exitCode).toBe(3);
    expect(run.lines.length).toBeLessThan(1000);
    expect(run.output.length).toBeLessThan(20_000);
    expect(run.ownLines.join('\n')).toContain('The log reached its limit of 1 MiB.');
    expect(run.result.warnings).toContainEqual(expect.objectContaining({ code: 'log_cut' }));
    expect(run.result.logTail.join('\n')).toContain('line 2000 of the output');
  });
});

describe("a command's shell", () => {
  const twoLines = 'if [ -n "$BASH_VERSION" ]; then echo bash; else echo other; fi';

  it('is bash or sh by name', async () => {
    expect((await runRunner({ source, shell: 'bash', command: twoLines })).lines).toEqual(['bash']);
    const sh = await runRunner({ source, shell: 'sh', command: 'echo $0' });
    expect(sh.lines).toEqual(['/bin/sh']);
  });

  it('is a program that reads the script from a file', async () => {
    const run = await runRunner({
      source,
      shell: `node --no-warnings {0}`,
      setup: 'console.log("setup", 1 + 1)',
      command: 'const text = "it\'s";\nconsole.log(text, process.argv.length);\nprocess.exitCode = 3',
    });
    expect(run.lines).toEqual(['setup 2', "it's 2"]);
    expect(run.result).toMatchObject({ outcome: 'failed', exitCode: 3 });
  });

  it('is named if it is not installed', async () => {
    const { result } = await runRunner({ source, shell: 'no-such-shell {0}', command: 'x' });
    expect(result).toMatchObject({
      outcome: 'errored',
      error: { code: 'command_not_started', message: expect.stringContaining('no-such-shell') },
    });
  });
});
