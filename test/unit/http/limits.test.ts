import { describe, expect, it } from '@jest/globals';
import { httpLimits } from '../../../app/http/http-deps.ts';
import { aRequest, httpWorld } from './http-world.ts';

describe('limits', () => {
  it("reject workflows above the project's limit", async () => {
    const { client } = await httpWorld().shop({ maxActiveRuns: 2 });
    await client.post('/workflow/execute', aRequest);
    await client.post('/workflow/execute', aRequest);
    expect(await client.post('/workflow/execute', aRequest)).toMatchObject({
      status: 429,
      body: { code: 'too_many_runs', error: expect.stringContaining('2 active runs') },
    });
  });

  it('reject a body that is too large, by its header and by its size', async () => {
    const { client } = await httpWorld().shop();
    const body = JSON.stringify({ ...aRequest, test_command: 'x'.repeat(1024 * 1024) });
    const refused = { status: 413, body: { code: 'body_too_large' } };
    expect(await client.post('/workflow/execute', body)).toMatchObject(refused);
    expect(await client.post('/workflow/execute', body, { 'Content-Length': '10' })).toMatchObject(refused);
    expect(await client.post('/workflow/execute', '{}', { 'Content-Length': '2000000' })).toMatchObject(
      refused,
    );
  });

  it.each(['{', '{"a":}', 'nonsense', '{"a":1}}'])('reject %j as JSON', async (body) => {
    const { client } = await httpWorld().shop();
    expect(await client.post('/workflow/execute', body)).toMatchObject({
      status: 400,
      body: { code: 'invalid_json', error: expect.stringMatching(/^The body is not valid JSON: /) },
    });
  });

  it('reject a body that is not UTF-8', async () => {
    const { client } = await httpWorld().shop();
    const body = Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d]);
    const response = await client.raw('/workflow/execute', { method: 'POST', body });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ code: 'invalid_json' });
  });
});

describe('the rate limit', () => {
  const limits = { ...httpLimits, rate: { burst: 3, perMinute: 60 } };

  it('rejects too many requests with one key, with a retry time', async () => {
    const w = httpWorld({ limits });
    const { client } = await w.shop();
    const statuses = [];
    for (let count = 0; count < 4; count += 1) statuses.push((await client.get('/listStacks')).status);
    expect(statuses).toEqual([200, 200, 200, 429]);
    const refused = await client.get('/listStacks');
    expect(refused.body.code).toBe('rate_limited');
    expect(refused.headers.get('Retry-After')).toBe('1');
    w.clock.advance(1);
    expect((await client.get('/listStacks')).status).toBe(200);
  });

  it('counts each key separately', async () => {
    const w = httpWorld({ limits });
    const { client, project } = await w.shop();
    for (let count = 0; count < 4; count += 1) await client.get('/listStacks');
    expect((await (await w.client(project)).get('/listStacks')).status).toBe(200);
  });

  it('refills over time, up to the burst', async () => {
    const w = httpWorld({ limits });
    const { client } = await w.shop();
    w.clock.advance(3600);
    const statuses = [];
    for (let count = 0; count < 4; count += 1) statuses.push((await client.get('/listStacks')).status);
    expect(statuses).toEqual([200, 200, 200, 429]);
  });

  it('refuses no one for the time by which the clock was set back', async () => {
    const w = httpWorld({ limits });
    const { client } = await w.shop();
    expect((await client.get('/listStacks')).status).toBe(200);
    w.clock.advance(-3600);
    const statuses = [];
    for (let count = 0; count < 4; count += 1) statuses.push((await client.get('/listStacks')).status);
    expect(statuses).toEqual([200, 200, 200, 429]);
  });
});
