import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { withHelp } from '../../../scripts/cli-help.ts';
import { berth } from '../../helpers/berth-process.ts';

const cli = (...args: string[]) => berth(args, { directory: '/', env: { BERTH_URL: 'http://127.0.0.1:2' } });

describe('an invalid berth command', () => {
  it.each([
    [['rum'], 'Did you mean run?'],
    [['run', '--brunch', 'x'], 'Did you mean --branch?'],
    [['stacks', 'requst'], 'Did you mean request?'],
    [['keys', 'x'], 'It has: list, create, rotate, revoke.'],
    [['runs', '--state', 'broken'], 'Allowed choices are queued'],
    [['runs', '--limit', '1000'], '--limit is a number from 1 to 100'],
    [['run', '--timeout', 'soon'], "Invalid duration 'soon'"],
    [['run', '--env', 'NOT_SET_HERE'], 'The variable NOT_SET_HERE is not set here.'],
    [['run', '--repo', 'https://git.example/x.git'], '--repo needs --branch and --command'],
    [['projects', 'set', 'maxStacks'], 'Use name=value.'],
    [['logs'], "missing required argument 'id'"],
    [['status', 'a', 'b'], 'too many arguments'],
  ])('%j: prints a suggestion, and exits with 2', async (args, text) => {
    const { exitCode, out, err } = await cli(...args);
    expect(err).toContain(text);
    expect(out).toBe('');
    expect(exitCode).toBe(2);
  });

  it('rejects an invalid address', async () => {
    const end = await berth(['runs'], { directory: '/', env: { BERTH_URL: 'localhost:3000' } });
    expect(end).toMatchObject({ exitCode: 2, err: expect.stringContaining('BERTH_URL must be an http') });
  });

  it('exits with 3 if no server responds, and explains how to start one, also as JSON', async () => {
    const [text, json] = await Promise.all([cli('runs'), cli('runs', '--json')]);
    expect(text).toMatchObject({ exitCode: 3, err: expect.stringContaining('Start one with `berth serve`') });
    expect(json.exitCode).toBe(3);
    expect(JSON.parse(json.err)).toEqual({
      error: { code: 'unreachable', message: expect.any(String), hint: expect.any(String) },
    });
  });
});

describe('berth --help and --version', () => {
  it('go to standard output, without colors if it is not a terminal, and exit with 0', async () => {
    const help = await cli('--help');
    expect(help).toMatchObject({ exitCode: 0, err: '', out: expect.stringContaining('Exit codes:') });
    expect(help.out).not.toContain('\u001b');
    const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
    expect(await cli('--version')).toEqual({ exitCode: 0, out: `${version}\n`, err: '' });
  });

  it('match docs/cli.md (npm run cli-docs)', () => {
    const docs = readFileSync('docs/cli.md', 'utf8');
    expect(withHelp(docs)).toBe(docs);
  });
});
