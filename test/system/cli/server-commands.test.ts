import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type BerthServer, berth, berthServer, startBerth } from '../../helpers/berth-process.ts';
import { eventually } from '../../helpers/eventually.ts';
import { type GitRepository, gitRepository } from '../../helpers/git-repository.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../../helpers/temporary-directory.ts';

let home: TemporaryDirectory;
let server: BerthServer;
let repository: GitRepository;

beforeAll(async () => {
  home = await temporaryDirectory();
  server = await berthServer({ directory: home.path, env: { BERTH_DATA_DIR: join(home.path, 'data') } });
  repository = await gitRepository(join(home.path, 'repository'), { 'a.txt': 'a' });
});
afterAll(async () => {
  await server.stop();
  await home.remove();
});

/** `berth` in an empty directory, talking to the server. */
const cli = (...args: string[]) => berth(args, { directory: home.path, env: server.env });
const repo = () => ['--repo', repository.url, '--branch', 'main'];
const json = async (...args: string[]) => JSON.parse((await cli(...args, '--json')).out);

/** A separate project, so that tests do not meet. */
async function project(name: string, ...settings: string[]): Promise<string> {
  const { out, err } = await cli('projects', 'create', name, ...settings);
  expect(err).toBe('');
  return out.trim();
}

describe('berth run, with a server', () => {
  it('runs on a stack, and gives it back', async () => {
    const { exitCode, out, err } = await cli('run', ...repo(), '--command', 'echo "on $BERTH_STACK"');
    expect(out).toContain('on test-1\n');
    expect(err).toMatch(/✔ succeeded .*on test-1/);
    expect(exitCode).toBe(0);
    await eventually('the stack to be free', async () => (await cli('stacks')).out.includes('free'));
  });

  it('tells its place in line while it waits, and who holds the stacks', async () => {
    const id = await project('narrow', 'maxStacks=1', 'prefix=only-');
    await cli('stacks', 'request', '--project', id, '--branch', 'other', '--holder', 'someone');
    const args = ['run', ...repo(), '--project', id, '--command', 'echo "on $BERTH_STACK"'];
    const { ended, written } = startBerth(args, { directory: home.path, env: server.env });
    await eventually('a word about the line', async () =>
      /position 1 in the queue for a stack; only-1 is held by API client someone for \d/.test(written().err),
    );
    await cli('stacks', 'release', 'only-1', '--project', id);
    expect(await ended).toMatchObject({ exitCode: 0, out: expect.stringContaining('on only-1\n') });
  });

  it('leaves a run to itself with --detach; logs --follow shows it and ends with its exit code', async () => {
    const command = 'echo one; sleep 1; echo two; exit 5';
    const started = await cli('run', ...repo(), '--detach', '--no-stack', '--command', command);
    const id = started.out.trim();
    expect(id).toMatch(/^[A-Za-z0-9]+$/);
    const followed = await cli('logs', '--follow', id);
    expect(followed.out).toContain('one\ntwo\n');
    expect(followed.exitCode).toBe(5);
    expect((await cli('logs', id)).out).toBe(followed.out);
    const lines = (await cli('logs', '--json', id)).out.trim().split('\n');
    expect(lines.map((line) => JSON.parse(line).text)).toContain('two');
  });

  it('follows a failed run into its next try', async () => {
    // Tests cannot write to the home directory of the server's user.
    const outside = await temporaryDirectory();
    const marker = join(outside.path, 'tried');
    const command = `test -e '${marker}' && echo better || { touch '${marker}'; exit 1; }`;
    const end = await cli('run', ...repo(), '--no-stack', '--retries', '1', '--command', command);
    expect(end.err).toContain('Trying again');
    expect(end).toMatchObject({ exitCode: 0, out: expect.stringContaining('better\n') });
    await outside.remove();
  });

  it('tells what the server refuses, with its reason', async () => {
    const end = await cli('run', '--repo', 'ext::sh', '--branch', 'main', '--command', 'true');
    expect(end).toMatchObject({ exitCode: 4, err: expect.stringContaining('cannot be cloned') });
  });

  it('ends with 124 where the tests took longer than their limit', async () => {
    const end = await cli('run', ...repo(), '--no-stack', '--timeout', '1s', '--command', 'sleep 60');
    expect(end).toMatchObject({ exitCode: 124, err: expect.stringContaining('! timed out') });
  });

  it('ends with 6 where the tests could not be run', async () => {
    const gone = ['--repo', `${repository.url}-gone`, '--branch', 'main'];
    const end = await cli('run', ...gone, '--no-stack', '--command', 'true');
    expect(end).toMatchObject({ exitCode: 6, err: expect.stringContaining('! errored') });
  });
});

describe('berth runs, status, retest and cancel', () => {
  it('show, repeat and cancel a run', async () => {
    const id = await project('history');
    const of = ['--project', id];
    const run = await json('run', ...repo(), ...of, '--suite', 'unit', '--command', 'echo said; exit 4');
    expect(run).toMatchObject({ state: 'failed', exit_code: 4, suite: 'unit', stack_name: 'test-1' });

    const listed = await cli('runs', ...of, '--state', 'failed', 'errored');
    expect(listed.out).toMatch(
      new RegExp(`^ID +STATE .*\\n${run.workflow_id} +✖ failed +main +\\w{7} +unit +test-1`),
    );
    expect((await cli('runs', ...of, '--branch', 'other')).out).toBe('No runs match.\n');

    const status = await cli('status', run.workflow_id);
    expect(status.out).toContain('command       echo said; exit 4\n');
    expect(status.out).toMatch(/^triggered by {2}.+$/m);
    expect(status.out).toContain('✖ failed  The command failed. Exit code 4.');

    const again = await cli('retest', run.workflow_id, '--follow');
    expect(again).toMatchObject({ exitCode: 4, out: expect.stringContaining('said\n') });
    expect((await json('runs', ...of)).workflows).toHaveLength(2);

    const late = await cli('cancel', run.workflow_id);
    expect(late).toMatchObject({ exitCode: 4, err: expect.stringContaining('has already ended') });
  });

  it('cancel a run that is in progress', async () => {
    const started = await cli('run', ...repo(), '--detach', '--no-stack', '--command', 'sleep 300');
    const id = started.out.trim();
    expect(await json('cancel', id)).toMatchObject({ workflow_id: id });
    expect((await cli('logs', '--follow', id)).exitCode).toBe(130);
  });

  it('succeed if their reader needs no more, as in `berth logs latest | head`', async () => {
    const { workflow_id } = await json('run', ...repo(), '--no-stack', '--command', 'seq 30000');
    const { child, ended } = startBerth(['logs', workflow_id], { directory: home.path, env: server.env });
    child.stdout.once('data', () => child.stdout.destroy());
    expect(await ended).toMatchObject({ exitCode: 0, err: '' });
  });

  it('say so where there is no such run', async () => {
    const end = await cli('status', 'nothing', '--json');
    expect(end.exitCode).toBe(4);
    expect(JSON.parse(end.err)).toMatchObject({ error: { code: 'run_not_found' } });
  });
});

describe('berth doctor', () => {
  it('checks the server that BERTH_URL names, at any port of this machine', async () => {
    const { findings } = await json('doctor');
    const ready = {
      subject: 'server',
      isWell: true,
      seen: expect.stringContaining(`ready at ${server.url}`),
    };
    expect(findings).toContainEqual(ready);
  });
});

describe('berth stacks', () => {
  it('takes, shows, notes and releases a stack, and deletes the last', async () => {
    const id = await project('pool', 'maxStacks=2', 'prefix=qa-');
    const of = ['--project', id];
    expect(await cli('stacks', 'request', ...of, '--branch', 'feature/x', '--holder', 'me')).toEqual({
      exitCode: 0,
      out: 'qa-1\n',
      err: '',
    });
    expect((await cli('stacks', 'request', ...of, '--branch', 'feature/x', '--holder', 'me')).out).toBe(
      'qa-1\n',
    );
    await cli('stacks', 'set-deployed', 'qa-1', 'abc1234', ...of);
    expect((await cli('stacks', ...of)).out).toMatch(
      /\nqa-1 +held +feature\/x +API client me +(just now|\d+ \w+ ago) +abc1234\n/,
    );
    expect(await cli('stacks', 'delete-last', ...of)).toMatchObject({ exitCode: 4 });
    expect((await cli('stacks', 'release', 'qa-1', ...of)).out).toBe('Stack qa-1 released\n');
    expect((await cli('stacks', 'delete-last', ...of)).out).toBe('Stack qa-1 deleted\n');
    expect((await cli('stacks', ...of)).out).toBe(
      'No stacks yet. Berth creates one for the first request.\n',
    );
  });

  it('releases no other hold than the one whose token is given', async () => {
    const id = await project('tokens');
    const of = ['--project', id];
    const { lockToken } = await json('stacks', 'request', ...of);
    const stale = await cli('stacks', 'release', 'test-1', '--token', String(lockToken + 1), ...of);
    expect(stale.exitCode).toBe(4);
    expect((await cli('stacks', 'release', 'test-1', '--token', String(lockToken), ...of)).exitCode).toBe(0);
  });

  it('show everything about one of them, with its history', async () => {
    const id = await project('shown', 'maxStacks=1');
    const of = ['--project', id];
    await cli('stacks', 'request', '--branch', 'topic', '--holder', 'deploy', ...of);
    await cli('stacks', 'set-deployed', 'test-1', 'abcdef0123456789', ...of);
    const reserved = await cli('stacks', 'reserve', 'test-1', '2h', 'demo for sales', ...of);
    expect(reserved.out).toMatch(/^Stack test-1 is reserved until \d{4}-\d\d-\d\d \d\d:\d\d UTC\n$/);
    const { exitCode, out } = await cli('stacks', 'show', 'test-1', ...of);
    expect(exitCode).toBe(0);
    const lines = out.split('\n').map((line) => line.replace(/ {2,}/g, ' | '));
    expect(lines).toEqual(
      expect.arrayContaining([
        'State | reserved',
        'Held by | API client deploy',
        expect.stringMatching(/^Deployed \| abcdef012345/),
        expect.stringMatching(/^Reserved \| by .* until .*: demo for sales$/),
        'HELD BY | BRANCH | SINCE | UNTIL | DEPLOYED',
        expect.stringMatching(/^API client deploy \| topic \| .* \| abcdef012345$/),
      ]),
    );
    const json = JSON.parse((await cli('stacks', 'show', 'test-1', '--json', ...of)).out);
    expect(json).toMatchObject({ stackName: 'test-1', holds: [{ branch: 'topic' }] });
    expect(await cli('stacks', 'show', 'test-9', ...of)).toMatchObject({
      exitCode: 4,
      err: expect.stringContaining('no stack test-9'),
    });
  });

  it('refuses immediately without --wait, and waits in line with it', async () => {
    const id = await project('crowded', 'maxStacks=1');
    const of = ['--project', id];
    await cli('stacks', 'request', ...of);
    const refused = await cli('stacks', 'request', ...of);
    expect(refused).toMatchObject({ exitCode: 4, err: expect.stringContaining('No stack is free') });

    const args = ['stacks', 'request', '--wait', '--branch', 'next', ...of];
    const { ended, written } = startBerth(args, { directory: home.path, env: server.env });
    await eventually('a place in the queue', async () => written().err.includes('position 1 in the queue'));
    await cli('stacks', 'release', 'test-1', ...of);
    expect(await ended).toMatchObject({ exitCode: 0, out: 'test-1\n' });
  });
});

describe('berth keys and projects', () => {
  it('make a key that may do as much as its scope, replace it, and revoke it', async () => {
    const id = await project('guarded');
    const of = ['--project', id];
    const made = await cli('keys', 'create', 'nightly', '--scope', 'read', ...of);
    expect(made.err).toContain('shown only once');
    const as = (key: string, ...args: string[]) =>
      berth(args, { directory: home.path, env: { ...server.env, BERTH_API_KEY: key } });
    const key = made.out.trim();
    expect((await as(key, 'stacks')).exitCode).toBe(0);
    expect(await as(key, 'stacks', 'request')).toMatchObject({
      exitCode: 4,
      err: expect.stringContaining('needs the scope run'),
    });

    const { keys } = await json('keys', ...of);
    const rotated = await cli('keys', 'rotate', keys[0].id, ...of);
    expect(await as(key, 'stacks')).toMatchObject({
      exitCode: 4,
      err: expect.stringContaining('BERTH_API_KEY'),
    });
    const next = rotated.out.trim();
    expect((await as(next, 'stacks')).exitCode).toBe(0);

    const current = (await json('keys', ...of)).keys.find(
      (one: { revoked: unknown }) => one.revoked === null,
    );
    expect((await cli('keys', 'revoke', current.id, ...of)).exitCode).toBe(0);
    expect((await as(next, 'stacks')).exitCode).toBe(4);
  });

  it('are about the project of the key, as `berth stacks` is, if none is named', async () => {
    await project('one-more');
    expect(await cli('keys')).toMatchObject({ exitCode: 0, out: expect.stringContaining('first key') });
    expect(await cli('costs')).toMatchObject({ exitCode: 0 });
    expect(await cli('stacks')).toMatchObject({ exitCode: 0 });
  });

  it('change the settings of a project', async () => {
    const id = await project('settled');
    const { out } = await cli('projects', 'set', 'maxStacks=3', 'initialCommit=abc', '--project', id);
    expect(JSON.parse(out)).toMatchObject({ maxStacks: 3, initialCommit: 'abc' });
    const back = await cli('projects', 'set', 'initialCommit=null', '--project', id);
    expect(JSON.parse(back.out)).not.toHaveProperty('initialCommit');
    expect((await cli('projects')).out).toMatch(/\nsettled +settled +test- +3 +1000\n/);
    expect((await cli('costs', '--project', id)).out).toMatch(/^No run on AWS ended in these months\./);
    expect(await cli('projects', 'set', 'maxStack=3', '--project', id)).toMatchObject({
      exitCode: 4,
      err: expect.stringContaining('did you mean maxStacks?'),
    });
  });

  it('tell where a key comes from if it is missing', async () => {
    const end = await berth(['runs'], { directory: home.path, env: { BERTH_URL: server.url } });
    expect(end).toMatchObject({ exitCode: 4, err: expect.stringContaining('BERTH_API_KEY') });
  });
});
