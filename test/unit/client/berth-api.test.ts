import { afterEach, describe, expect, it } from '@jest/globals';
import { createBerthApi } from '../../../app/client/berth-api.ts';
import { apiKeyCredentials } from '../../../app/client/credentials.ts';
import { createRetry } from '../../../app/client/retry.ts';
import { freePort } from '../../helpers/free-port.ts';
import { answer, breakOff, hangUp, scriptedServers } from '../../helpers/scripted-server.ts';

const servers = scriptedServers();
afterEach(() => servers.close());

/** A client whose time only passes while it waits. */
function clientOf(url: string, patienceMs = 10_000) {
  const slept: number[] = [];
  const reports: string[] = [];
  let now = 0;
  const retry = createRetry({
    now: () => now,
    random: () => 0,
    pauses: { firstMs: 100, longestMs: 3_000 },
    patienceMs: () => patienceMs,
    sleep: async (milliseconds) => {
      now += milliseconds;
      slept.push(milliseconds);
    },
    onWait: (reason, forMs) => reports.push(`waits for ${forMs} ms: ${reason}`),
    onAnswer: (waitedMs) => reports.push(`answered after ${waitedMs} ms`),
  });
  const fetch = (request: Request) => globalThis.fetch(request, { redirect: 'manual' });
  const api = createBerthApi({ url, fetch, credentials: apiKeyCredentials('k'), retry, now: () => now });
  return { api, slept, reports };
}

const aRun = { workflow_id: 'one' };
const aStack = { stackName: 'test-1' };

describe('The API client', () => {
  it('sends the key, and each part of a path as one segment', async () => {
    const { url, requests } = await servers.start(answer(200, { lines: [] }));
    await clientOf(url).api.logPage('b/c', { limit: 5 });
    expect(requests[0]?.url).toBe('/workflow/b%2Fc/logs?limit=5');
    expect(requests[0]?.headers['x-api-key']).toBe('k');
  });

  it('sends a list as repeated parameters', async () => {
    const { url, requests } = await servers.start(answer(200, { workflows: [] }));
    await clientOf(url).api.runs({ state: ['failed', 'errored'] });
    expect(requests[0]?.url).toBe('/workflow?state=failed&state=errored');
  });

  it('retries with growing pauses while connections break or a gateway has no server', async () => {
    const gateway = answer(502, '<html>Bad Gateway</html>');
    const { url, requests } = await servers.start(hangUp, breakOff, gateway, answer(200, aRun));
    const { api, slept, reports } = clientOf(url);
    await expect(api.runStatus('one')).resolves.toEqual(aRun);
    expect(requests).toHaveLength(4);
    expect(slept).toEqual([50, 100, 200]);
    expect(reports).toEqual([expect.stringMatching(/^waits for 10000 ms: .*502/), 'answered after 350 ms']);
  });

  it('does not repeat a request that must not arrive twice', async () => {
    const { url, requests } = await servers.start(hangUp);
    await expect(clientOf(url).api.releaseStack(aStack)).rejects.toMatchObject({ name: 'Unreachable' });
    expect(requests).toHaveLength(1);
  });

  it('repeats the same request with what makes a repetition harmless', async () => {
    const { url, requests } = await servers.start(hangUp, answer(503, {}), answer(200, { message: 'done' }));
    await clientOf(url).api.releaseStack({ ...aStack, lockToken: 7 });
    expect(requests).toHaveLength(3);
  });

  it('repeats any request that made no connection', async () => {
    const { api, slept } = clientOf(`http://127.0.0.1:${await freePort()}`, 1_000);
    await expect(api.releaseStack(aStack)).rejects.toThrow(/^Berth did not answer.*connection refused/);
    expect(slept.length).toBeGreaterThan(1);
  });

  it('waits as long as a busy server asks, whatever the request', async () => {
    const busy = answer(429, { message: 'Too many requests.' }, { 'Retry-After': '7' });
    const { url } = await servers.start(busy, answer(200, { message: 'done' }));
    const { api, slept } = clientOf(url);
    await api.releaseStack(aStack);
    expect(slept).toEqual([7_000]);
  });

  it('gives up at the end of its patience, and says for how long it tried', async () => {
    const { url, requests } = await servers.start(hangUp);
    const { api, slept } = clientOf(url, 30_000);
    await expect(api.runStatus('one')).rejects.toThrow(/^Berth did not answer for 2\d s: /);
    expect(slept.reduce((sum, pause) => sum + pause, 0)).toBeLessThanOrEqual(30_000);
    expect(requests.length).toBeGreaterThan(10);
  });

  it('accepts a refusal as final', async () => {
    const refusal = { error: 'No such run.', code: 'run_not_found', hint: 'Look at the list.' };
    const { url, requests } = await servers.start(answer(404, refusal));
    await expect(clientOf(url).api.run('one')).rejects.toMatchObject({
      status: 404,
      code: 'run_not_found',
      message: 'No such run.',
      hint: 'Look at the list.',
    });
    expect(requests).toHaveLength(1);
  });

  it('accepts a launch that failed as final, although its status is 500', async () => {
    const failed = { error: 'Failed to start Fargate task.', code: 'launch_failed', details: 'No subnet.' };
    const { url, requests } = await servers.start(answer(500, failed));
    await expect(clientOf(url).api.run('one')).rejects.toMatchObject({ details: ['No subnet.'] });
    expect(requests).toHaveLength(1);
  });

  it('reports every mistake in a body', async () => {
    const details = [{ path: 'branch', message: 'must be text' }, 'one more'];
    const { url } = await servers.start(answer(400, { message: 'Event object failed validation', details }));
    await expect(clientOf(url).api.stacks()).rejects.toMatchObject({
      details: ['branch: must be text', 'one more'],
    });
  });

  it('does not follow a redirect with its key', async () => {
    const other = await servers.start(answer(200, aRun));
    const { url } = await servers.start(answer(302, '', { Location: other.url }));
    await expect(clientOf(url).api.run('one')).rejects.toMatchObject({ location: other.url });
    expect(other.requests).toHaveLength(0);
  });

  it.each([
    ['a page', '<html>Welcome to nginx!</html>'],
    ['JSON that is not an object', '17'],
  ])('recognizes %s as the answer of another server', async (_name, body) => {
    const { url } = await servers.start(answer(200, body));
    await expect(clientOf(url).api.run('one')).rejects.toMatchObject({ status: 200, isBerth: false });
  });

  it('ends immediately when its signal fires, although the server is silent', async () => {
    const { url } = await servers.start(() => undefined);
    const abort = new AbortController();
    const asked = clientOf(url).api.run('one', { signal: abort.signal });
    const reason = new Error('cancelled');
    abort.abort(reason);
    await expect(asked).rejects.toBe(reason);
  });
});
