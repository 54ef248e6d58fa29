import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { runCli } from '../../../app/cli/run-cli.ts';
import { openTerminal } from '../../../app/cli/terminal.ts';
import { contextForHelp, withHelp } from '../../../scripts/cli-help.ts';

/** Runs a command in this process, where no server answers. */
async function cli(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const [stdout, stderr] = [written(), written()];
  let now = 0;
  const exitCode = await runCli(args, {
    ...contextForHelp(openTerminal({ stdout, stderr, env })),
    env: { BERTH_URL: 'http://127.0.0.1:2', ...env },
    transport: {
      fetch: () =>
        Promise.reject(new TypeError('fetch failed', { cause: new Error('connect ECONNREFUSED') })),
      sleep: async (milliseconds) => {
        now += milliseconds;
      },
      now: () => new Date(now),
      random: () => 0.5,
    },
  });
  return { exitCode, out: stdout.text(), err: stderr.text() };
}

function written() {
  const texts: string[] = [];
  return { write: (text: string) => texts.push(text), text: () => texts.join('') };
}

describe('an invalid berth command', () => {
  it.each([
    [['rum'], 'Did you mean run?'],
    [['run', '--brunch', 'x'], 'Did you mean --branch?'],
    [['stacks', 'requst'], 'Did you mean request?'],
    [['keys', 'x'], 'It has: list, create, rotate, revoke.'],
    [['runs', '--state', 'broken'], 'Allowed choices are queued'],
    [['runs', '--limit', '1000'], '--limit must be a number from 1 to 100'],
    [['run', '--timeout', 'soon'], "Invalid duration 'soon'"],
    [['run', '--env', 'NOT_SET_HERE'], 'The variable NOT_SET_HERE is not set in this shell.'],
    [['run', '--env', 'A B=1'], '--env A B is not a valid variable name.'],
    [['run', '--command', ''], '--command is empty.'],
    [['run', '--repo', 'https://git.example/x.git'], '--repo needs --branch and --command'],
    [['projects', 'set', 'maxStacks'], 'Use name=value.'],
    [['logs', ''], 'The argument <id> is empty.'],
    [['stacks', 'show', ' '], 'The argument <stack> is empty.'],
    [['runs', '--project', '船'], 'Use its ID'],
    [['logs'], "✖ Missing required argument 'id'."],
    [['logs', 'latest', '--context', '3'], '--context needs --search.'],
    [['status', 'a', 'b'], '✖ Too many arguments'],
    [['runs', '--branch', ''], '--branch is empty.'],
    [['serve', '--data-dir', ''], '--data-dir is empty.'],
    [['run', '--env', ''], '--env is empty.'],
    [['run', '--report', '/'], '--report: / is a directory.'],
    [['run', '--report', '/no/such/report.html'], '--report: /no/such is not a directory'],
  ])('%j: prints a suggestion, and exits with 2', async (args, text) => {
    const { exitCode, out, err } = await cli(args);
    expect(err).toContain(text);
    expect(out).toBe('');
    expect(exitCode).toBe(2);
  });

  it('is one line of JSON with --json', async () => {
    const { exitCode, out, err } = await cli(['runs', '--json', '--brunch', 'x']);
    expect([exitCode, out]).toEqual([2, '']);
    expect(JSON.parse(err)).toMatchObject({
      error: { code: 'usage', message: "Unknown option '--brunch'.", hint: 'Did you mean --branch?' },
    });
  });

  it('rejects an invalid address', async () => {
    const key = await cli(['runs'], { BERTH_API_KEY: '“key”' });
    expect(key).toMatchObject({
      exitCode: 2,
      err: expect.stringContaining('BERTH_API_KEY contains characters'),
    });
    const end = await cli(['runs'], { BERTH_URL: 'localhost:3000' });
    expect(end).toMatchObject({ exitCode: 2, err: expect.stringContaining('BERTH_URL must be an http') });
  });

  it('exits with 3 if no server responds, and explains how to start one, also as JSON', async () => {
    const [text, json] = await Promise.all([cli(['runs']), cli(['runs', '--json'])]);
    expect(text).toMatchObject({ exitCode: 3, err: expect.stringContaining('Start one with `berth serve`') });
    expect(json.exitCode).toBe(3);
    expect(JSON.parse(json.err)).toEqual({
      error: { code: 'unreachable', message: expect.any(String), hint: expect.any(String) },
    });
  });
});

describe('berth --help and --version', () => {
  it('match docs/cli.md (npm run cli-docs)', () => {
    const docs = readFileSync('docs/cli.md', 'utf8');
    expect(withHelp(docs)).toBe(docs);
  });
});
