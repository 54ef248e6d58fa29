import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { afterEach, describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { createApiClient, type Transport } from '../../../app/cli/api-client.ts';

/** A moment that only sleeping moves, so that no test waits. */
function fakeTime(): Transport & { readonly slept: number[] } {
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

type Answer = (request: IncomingMessage, response: ServerResponse) => void;
const open: Server[] = [];

/** A server that gives one answer after another, and the last of them from then on. */
async function serverThat(...answers: Answer[]): Promise<{ url: string; requests: IncomingMessage[] }> {
  const requests: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    requests.push(request);
    const answer = answers[Math.min(requests.length, answers.length) - 1];
    answer?.(request, response);
  });
  open.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return { url: `http://127.0.0.1:${address.port}`, requests };
}

const says =
  (status: number, body: unknown, headers: Record<string, string> = {}): Answer =>
  (_, response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(JSON.stringify(body));
  };
const hangsUp: Answer = (request) => request.socket.destroy();

const answer = z.object({ ok: z.boolean() });
const get = { method: 'GET', path: ['a', 'b/c'], answer } as const;
const post = { method: 'POST', path: ['a'], body: { x: 1 }, answer } as const;

afterEach(async () => {
  for (const server of open.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

describe('the API client', () => {
  it('sends the key, and every part of the path as one segment', async () => {
    const { url, requests } = await serverThat(says(200, { ok: true }));
    const client = createApiClient({ url: `${url}/`, apiKey: 'k', transport: fakeTime() });
    expect(await client.send({ ...get, query: { limit: 5, cursor: undefined } })).toEqual({ ok: true });
    expect(requests[0]?.url).toBe('/a/b%2Fc?limit=5');
    expect(requests[0]?.headers['x-api-key']).toBe('k');
  });

  it('asks again, after ever longer pauses, where the connection breaks', async () => {
    const { url, requests } = await serverThat(hangsUp, hangsUp, says(200, { ok: true }));
    const transport = fakeTime();
    expect(await createApiClient({ url, transport }).send(get)).toEqual({ ok: true });
    expect(requests).toHaveLength(3);
    expect(transport.slept).toEqual([50, 100]);
  });

  it('does not send twice what must not be done twice', async () => {
    const { url, requests } = await serverThat(hangsUp);
    const client = createApiClient({ url, transport: fakeTime() });
    await expect(client.send(post)).rejects.toMatchObject({ code: 'unreachable', exitCode: 3 });
    expect(requests).toHaveLength(1);
  });

  it('sends again what says that it may be repeated', async () => {
    const { url } = await serverThat(hangsUp, says(503, {}), says(200, { ok: true }));
    const client = createApiClient({ url, transport: fakeTime() });
    expect(await client.send({ ...post, repeatable: true })).toEqual({ ok: true });
  });

  it('waits as long as the server asks where it was too quick, whatever it sent', async () => {
    const { url } = await serverThat(
      says(429, { error: 'Slow down.' }, { 'retry-after': '2' }),
      says(200, { ok: true }),
    );
    const transport = fakeTime();
    expect(await createApiClient({ url, transport }).send(post)).toEqual({ ok: true });
    expect(transport.slept).toEqual([2000]);
  });

  it('gives up when its patience is over', async () => {
    const { url, requests } = await serverThat(hangsUp);
    const transport = fakeTime();
    const client = createApiClient({ url, transport });
    await expect(client.send({ ...get, patienceSeconds: 30 })).rejects.toMatchObject({ code: 'unreachable' });
    const total = transport.slept.reduce((sum, pause) => sum + pause, 0);
    expect(total).toBeGreaterThan(25_000);
    expect(total).toBeLessThanOrEqual(30_000);
    expect(requests.length).toBeGreaterThan(10);
  });

  it('tells where nobody listens, and how to start a server', async () => {
    const client = createApiClient({ url: 'http://127.0.0.1:2', transport: fakeTime() });
    await expect(client.send(get)).rejects.toMatchObject({
      exitCode: 3,
      message: expect.stringContaining('No Berth server answers at http://127.0.0.1:2'),
      hint: expect.stringContaining('berth serve'),
    });
  });

  it("hands on the server's own words", async () => {
    const refused = { error: 'No such run.', code: 'too_many_runs', hint: 'Look at the list.' };
    const { url } = await serverThat(says(404, refused));
    const client = createApiClient({ url, transport: fakeTime() });
    await expect(client.send(get)).rejects.toMatchObject({
      code: 'too_many_runs',
      message: 'No such run.',
      hint: 'Look at the list.',
      exitCode: 4,
    });
  });

  it('names commands instead of routes in hints', async () => {
    const refused = { error: 'No such run.', code: 'run_not_found', hint: 'GET /workflow lists the runs.' };
    const { url } = await serverThat(says(404, refused));
    const client = createApiClient({ url, transport: fakeTime() });
    await expect(client.send(get)).rejects.toMatchObject({ hint: '`berth runs` lists the runs.' });
  });

  it('tells every place of a body that is wrong', async () => {
    const details = [{ path: 'branch', message: 'must be text' }, 'one more'];
    const { url } = await serverThat(says(400, { message: 'Event object failed validation', details }));
    const client = createApiClient({ url, transport: fakeTime() });
    await expect(client.send(get)).rejects.toThrow(
      'Event object failed validation\n  branch: must be text\n  one more',
    );
  });

  it('says where a key comes from when it has none', async () => {
    const { url } = await serverThat(says(401, { error: 'Who are you?' }));
    const client = createApiClient({ url, transport: fakeTime() });
    await expect(client.send(get)).rejects.toMatchObject({ hint: expect.stringContaining('BERTH_API_KEY') });
  });

  it('does not carry its key to where a redirect points', async () => {
    const other = await serverThat(says(200, { ok: true }));
    const { url } = await serverThat(says(302, {}, { location: other.url }));
    const client = createApiClient({ url, apiKey: 'k', transport: fakeTime() });
    await expect(client.send(get)).rejects.toMatchObject({ code: 'redirected' });
    expect(other.requests).toHaveLength(0);
  });

  it('says so where something answers that is no Berth server', async () => {
    const { url } = await serverThat((_, response) => response.end('<html>'));
    const client = createApiClient({ url, transport: fakeTime() });
    await expect(client.send(get)).rejects.toMatchObject({ code: 'answer_unreadable', exitCode: 5 });
  });
});
