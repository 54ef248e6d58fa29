import { afterEach, describe, expect, it } from '@jest/globals';
import type { Transport } from '../../../app/cli/cli-context.ts';
import { apiOf, findServer } from '../../../app/cli/connect.ts';
import { freePort } from '../../helpers/free-port.ts';
import { answer, hangUp, scriptedServers } from '../../helpers/scripted-server.ts';

const servers = scriptedServers();
afterEach(() => servers.close());

/** A transport whose time passes only while a command waits. */
function transport(): Transport & { readonly slept: number[] } {
  let now = 0;
  const slept: number[] = [];
  return {
    slept,
    fetch: globalThis.fetch,
    now: () => new Date(now),
    random: () => 0,
    sleep: async (milliseconds) => {
      now += milliseconds;
      slept.push(milliseconds);
    },
  };
}

describe('the API of the command line', () => {
  it.each([
    [401, { error: 'Who are you?' }, { exitCode: 4, hint: expect.stringContaining('BERTH_API_KEY') }],
    [
      404,
      { error: 'No such run.', code: 'run_not_found', hint: 'GET /workflow lists the runs.' },
      {
        exitCode: 4,
        code: 'run_not_found',
        message: 'Run not found.',
        hint: expect.stringMatching(/^`berth runs` lists the runs\./),
      },
    ],
    [
      500,
      { error: 'Failed to start Fargate task.', code: 'launch_failed' },
      { exitCode: 5, code: 'launch_failed' },
    ],
    [409, '', { exitCode: 4, code: 'http_409' }],
    [200, '<html>', { exitCode: 5, code: 'answer_unreadable' }],
  ])('turns a response with status %s into an error of the command', async (status, body, error) => {
    const { url } = await servers.start(answer(status, body));
    await expect(apiOf({ transport: transport() }, { url }).run('r1')).rejects.toMatchObject(error);
  });

  it('lists the mistakes in a body', async () => {
    const details = [{ path: 'branch', message: 'must be text' }, 'one more'];
    const { url } = await servers.start(answer(400, { message: 'Event object failed validation', details }));
    await expect(apiOf({ transport: transport() }, { url }).run('r1')).rejects.toThrow(
      'Event object failed validation\n  branch: must be text\n  one more',
    );
  });

  it('does not repeat a mistake that the message names', async () => {
    const details = [{ path: 'repo_url', message: 'it is not a URL' }];
    const { url } = await servers.start(
      answer(400, { message: 'Cannot be cloned: it is not a URL.', details }),
    );
    await expect(apiOf({ transport: transport() }, { url }).run('r1')).rejects.toMatchObject({
      message: 'Cannot be cloned: it is not a URL.',
    });
  });

  it('does not send its key to a redirect target', async () => {
    const other = await servers.start(answer(200, {}));
    const { url } = await servers.start(answer(302, '', { location: other.url }));
    const api = apiOf({ transport: transport() }, { url, apiKey: 'k' });
    await expect(api.run('r1')).rejects.toMatchObject({ code: 'redirected', exitCode: 2 });
    expect(other.requests).toHaveLength(0);
  });

  it('names the server that does not respond, and how to start one', async () => {
    const url = `http://127.0.0.1:${await freePort()}`;
    await expect(apiOf({ transport: transport() }, { url }).stacks()).rejects.toMatchObject({
      exitCode: 3,
      message: `No Berth server answers at ${url} (connection refused).`,
      hint: expect.stringContaining('berth serve'),
    });
  });

  it('waits a moment for a command, and a minute for a run that it follows', async () => {
    const { url } = await servers.start(hangUp);
    const sum = (pauses: readonly number[]) => pauses.reduce((total, pause) => total + pause, 0);
    const [command, follow] = [transport(), transport()];
    await expect(apiOf({ transport: command }, { url }).stacks()).rejects.toThrow();
    await expect(apiOf({ transport: follow }, { url }).runStatus('r1')).rejects.toThrow();
    expect(sum(command.slept)).toBeLessThanOrEqual(2_000);
    expect(sum(follow.slept)).toBeGreaterThan(50_000);
  });
});

describe('a server at the default address', () => {
  const healthy = answer(200, { status: 'ok' });
  const find = async (isChosen: boolean, ...answers: Parameters<typeof servers.start>) => {
    const { url } = await servers.start(...answers);
    return findServer(apiOf({ transport: transport() }, { url }), { url, isChosen });
  };

  it('is used if it accepts the key, and not if it is that of another user', async () => {
    expect(await find(false, healthy, answer(200, { workflows: [], cursor: null }))).toBe('usable');
    expect(await find(false, healthy, answer(401, { error: 'Who?', code: 'unauthorized' }))).toBe('foreign');
    expect(await find(false, healthy, answer(403, { error: 'No.', code: 'forbidden' }))).toBe('usable');
    expect(await find(true, healthy)).toBe('usable');
  });
});
