import { describe, expect, it } from '@jest/globals';
import { runId } from '../../../app/core/model/ids.ts';
import { writeResult } from '../../helpers/memory-deps.ts';
import { type FakeLog, fakeLog } from './fake-log.ts';
import { aRequest, type Client, type HttpWorld, httpWorld } from './http-world.ts';
import { eventsOf } from './server-sent-events.ts';

describe('GET /workflow/:id/logs', () => {
  it('returns pages with the cursor of the next', async () => {
    const { client, path, log } = await logWorld();
    log.write('one', 'two', 'three');
    const first = await client.get(`${path}?limit=2`);
    expect(first.body).toEqual({ lines: [{ text: 'one' }, { text: 'two' }], cursor: '2', complete: false });
    const second = await client.get(`${path}?limit=2&cursor=2`);
    expect(second.body).toEqual({ lines: [{ text: 'three' }], cursor: '3', complete: false });
  });

  it('reports when the log is complete', async () => {
    const { client, path, log, end } = await logWorld();
    log.write('one');
    await end();
    expect((await client.get(path)).body).toMatchObject({ complete: true });
  });

  it.each([
    ['?cursor=nonsense', 'cursor_invalid'],
    ['?limit=0', 'invalid_request'],
    ['?limit=many', 'invalid_request'],
    ['?limit=100000', 'invalid_request'],
  ])('rejects %s', async (query, code) => {
    const { client, path } = await logWorld();
    expect(await client.get(path + query)).toMatchObject({ status: 400, body: { code } });
  });

  it('returns the log of a service, and refuses names of others', async () => {
    const { client, w } = await logWorld();
    w.deps.logs.read = async (_run, _cursor, _limit, service) => ({
      lines: [{ text: `of ${service}` }],
      cursor: '1',
      complete: true,
    });
    const services = { db: { image: 'postgres:16', ports: [5432], memory: '512MB' } };
    const { body } = await client.post('/workflow/execute', { ...aRequest, services });
    const { body: workflow } = await client.get(`/workflow/${body.workflow_id}`);
    expect(workflow.services).toMatchObject([
      { name: 'db', image: 'postgres:16', cpu: 512, memory: 512, state: null, out_of_memory: false },
    ]);
    const path = new URL(String(Object(workflow.services)[0].logs_url));
    expect((await client.get(path.pathname + path.search)).body.lines).toEqual([{ text: 'of db' }]);
    expect(await client.get(`${path.pathname}?service=cache`)).toMatchObject({
      status: 400,
      body: { code: 'invalid_request', hint: 'It has: db.' },
    });
    const secret = { db: { ...services.db, credentials: 'secretsmanager:x' } };
    const refused = await client.post('/workflow/execute', { ...aRequest, services: secret });
    expect(refused).toMatchObject({ status: 400, body: { code: 'invalid_request' } });
  });

  it('returns the whole text on request', async () => {
    const { client, path, log } = await logWorld();
    const lines = Array.from({ length: 12_000 }, (_, index) => `line ${index} \u001b[31mred\u001b[0m`);
    log.write(...lines);
    const response = await client.raw(path, { headers: { Accept: 'text/plain' } });
    expect(response.headers.get('Content-Type')).toBe('text/plain; charset=utf-8');
    expect(await response.text()).toBe(lines.map((line) => `${line}\n`).join(''));
  });

  it('continues after an empty page, which CloudWatch sometimes returns', async () => {
    const { client, path, w } = await logWorld();
    const pages = [['one'], [], ['two'], []];
    w.deps.logs.read = async (_run, cursor = '0') => ({
      lines: (pages[Number(cursor)] ?? []).map((text) => ({ text })),
      cursor: String(Math.min(Number(cursor) + 1, pages.length)),
      complete: false,
    });
    const response = await client.raw(path, { headers: { Accept: 'text/plain' } });
    expect(await response.text()).toBe('one\ntwo\n');
  });

  it('returns the whole text as a file for a link', async () => {
    const { client, path, log } = await logWorld();
    log.write('one', 'two');
    const response = await client.raw(`${path}?format=text`, { headers: { Accept: 'text/html,*/*;q=0.8' } });
    expect(response.headers.get('Content-Disposition')).toMatch(/^attachment; filename=".*\.log"$/);
    expect(await response.text()).toBe('one\ntwo\n');
  });

  it('returns a page for a link that requests JSON', async () => {
    const { client, path, log } = await logWorld();
    log.write('one');
    const answer = await client.get(`${path}?format=json`, { Accept: 'text/event-stream' });
    expect(answer.body).toMatchObject({ lines: [{ text: 'one' }] });
  });

  it.each(['*/*', 'application/json', 'text/html,*/*;q=0.8'])(
    'returns JSON for Accept: %s',
    async (accept) => {
      const { client, path } = await logWorld();
      expect((await client.get(path, { Accept: accept })).body).toMatchObject({ lines: [] });
    },
  );
});

describe('following a log', () => {
  it('streams the state, the lines, and the end of a workflow that has ended', async () => {
    const { follow, log, end } = await logWorld();
    log.write('one', 'two');
    await end();
    const events = await (await follow()).rest();
    expect(events).toMatchObject([
      { comment: 'connected', retry: '2000' },
      { event: 'state', data: { state: 'succeeded', status: 'STOPPED' } },
      { event: 'log', id: '2', data: { lines: [{ text: 'one' }, { text: 'two' }] } },
      { event: 'end', id: '2', data: { state: 'succeeded', exit_code: 0 } },
    ]);
  });

  it('streams the lines as one text on request, unless the log has their times', async () => {
    const { w, follow, log, end } = await logWorld();
    log.write('one', '', 'three');
    await end();
    const events = await (await follow('?lines=text')).rest();
    expect(events.filter(({ event }) => event === 'log')).toMatchObject([
      { id: '3', data: { text: 'one\n\nthree\n' } },
    ]);
    const at = new Date(Date.UTC(2030, 0, 1));
    w.deps.logs.read = async (_run, cursor) => ({
      lines:
        cursor === undefined
          ? [{ text: 'untimed' }, { text: 'timed', at }, { text: 'same time', at: new Date(at) }]
          : [],
      cursor: '1',
      complete: true,
    });
    const timed = await (await follow('?lines=text')).rest();
    expect(timed.filter(({ event }) => event === 'log')).toMatchObject([
      { data: { text: 'untimed\ntimed\nsame time\n', times: [[1, at.toISOString()]] } },
    ]);
  });

  it('keeps few pages of a log of empty lines in memory', async () => {
    const { follow, log, look } = await logWorld();
    for (let part = 0; part < 20; part += 1) log.write(...Array.from({ length: 10_000 }, () => ''));
    const first = await follow();
    while ((await first.next())?.id !== '200000');
    const reads = log.reads.length;
    const second = await follow();
    while ((await second.next())?.id !== '200000');
    // The first pages were forgotten: they are read again.
    expect(log.reads.length).toBeGreaterThan(reads + 100);
    await Promise.all([first.close(), second.close()]);
    look();
  });

  it('streams lines and states as they arrive, and ends with the workflow', async () => {
    const { follow, log, run, end, look } = await logWorld();
    const stream = await follow();
    await stream.next();
    expect(await stream.next()).toMatchObject({ event: 'state', data: { state: 'provisioning' } });
    const started = stream.next();
    await run();
    look();
    expect(await started).toMatchObject({ event: 'state', data: { state: 'running' } });
    const line = stream.next();
    log.write('first');
    look();
    expect(await line).toMatchObject({ event: 'log', id: '1', data: { lines: [{ text: 'first' }] } });
    const rest = stream.rest();
    await idle();
    log.write('last');
    await end();
    look();
    expect(await rest).toMatchObject([
      { event: 'state', data: { state: 'succeeded' } },
      { event: 'log', id: '2' },
      { event: 'end' },
    ]);
  });

  it.each([
    ['the header Last-Event-ID', '', { 'Last-Event-ID': '1' }],
    ['the query', '?cursor=1', {}],
  ])('continues from the cursor in %s', async (_, query, headers) => {
    const { follow, log, end } = await logWorld();
    log.write('seen', 'new');
    await end();
    const events = await (await follow(query, headers)).rest();
    expect(events.filter(({ event }) => event === 'log')).toMatchObject([
      { id: '2', data: { lines: [{ text: 'new' }] } },
    ]);
  });

  it('rejects an invalid cursor before the stream starts', async () => {
    const { client, path } = await logWorld();
    const answer = await client.get(`${path}?cursor=nonsense`, { Accept: 'text/event-stream' });
    expect(answer).toMatchObject({ status: 400, body: { code: 'cursor_invalid' } });
  });

  it('ends for a key that was revoked in the meantime', async () => {
    const { w, client, follow, look } = await logWorld();
    const stream = await follow();
    await stream.next();
    await stream.next();
    const [key] = (await client.get('/projects/demo/keys')).body.keys;
    const { client: other } = { client: await w.client(await w.project({}, 'other'), 'admin', true) };
    expect((await other.send('DELETE', `/projects/demo/keys/${key.id}`)).status).toBe(200);
    let seen: Awaited<ReturnType<typeof stream.rest>> | undefined;
    void stream.rest().then((events) => {
      seen = events;
    });
    for (let looks = 0; looks < 20 && seen === undefined; looks += 1) {
      w.clock.advance(31);
      look();
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(seen?.filter(({ event }) => event !== undefined)).toEqual([]);
  });

  it('sends a keep-alive comment', async () => {
    const { w, follow, look } = await logWorld();
    const stream = await follow();
    await stream.next();
    await stream.next();
    const next = stream.next();
    w.clock.advance(15);
    look();
    expect(await next).toEqual({ comment: 'still here' });
  });

  it('reads the log and the run once for fifty followers', async () => {
    const { w, follow, log, look } = await logWorld();
    let runReads = 0;
    const { get } = w.deps.store.runs;
    w.deps.store.runs.get = (id) => {
      runReads += 1;
      return get(id);
    };
    const streams = await Promise.all(Array.from({ length: 50 }, () => follow()));
    for (const stream of streams) {
      await stream.next();
      await stream.next();
    }
    const lines = streams.map((stream) => stream.next());
    await idle();
    const before = { log: log.reads.length, run: runReads };
    log.write('for all');
    look();
    expect(await Promise.all(lines)).toEqual(
      Array.from({ length: 50 }, () => expect.objectContaining({ id: '1', event: 'log' })),
    );
    expect({ log: log.reads.length - before.log, run: runReads - before.run }).toEqual({ log: 1, run: 1 });
  });

  it('lets followers that join at different times share their reads', async () => {
    const { follow, log, look } = await logWorld();
    log.write('one');
    const early = await follow();
    for (let events = 0; events < 3; events += 1) await early.next();
    const first = early.next();
    await idle();
    log.write('two');
    look();
    await first;
    const late = await follow();
    for (let events = 0; events < 3; events += 1) await late.next();
    const both = [early.next(), late.next().then(() => late.next())];
    await idle();
    const before = log.reads.length;
    log.write('three');
    look();
    expect(await Promise.all(both)).toMatchObject([{ id: '3' }, { id: '3' }]);
    expect(log.reads.slice(before)).toEqual(['2']);
  });

  it('stops reading when the last follower disconnects', async () => {
    const { follow, log, look, path, client } = await logWorld();
    const stream = await follow();
    await stream.next();
    await stream.next();
    const next = stream.next();
    await idle();
    const closed = stream.close();
    look();
    await Promise.all([closed, next]);
    const before = log.reads.length;
    look();
    await client.get(path);
    expect(log.reads.length - before).toBe(1);
  });

  it('aborts if the log cannot be read, and does not report it as complete', async () => {
    const { w, follow, look } = await logWorld();
    const stream = await follow();
    await stream.next();
    await stream.next();
    const next = stream.next();
    await idle();
    w.deps.store.runs.get = async () => {
      throw new Error('the store is gone');
    };
    look();
    await expect(next).rejects.toThrow();
  });
});

/** Everything that can happen without another look has happened. */
function idle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

interface LogWorld {
  readonly w: HttpWorld;
  readonly client: Client;
  readonly path: string;
  readonly log: FakeLog;
  /** Lets time pass for clients that wait for the next poll. */
  look(): void;
  run(): Promise<void>;
  end(): Promise<void>;
  follow(query?: string, headers?: Record<string, string>): Promise<ReturnType<typeof eventsOf>>;
}

/** A workflow that was launched, and its log. */
async function logWorld(): Promise<LogWorld> {
  const log = fakeLog();
  let looks: (() => void)[] = [];
  const w = httpWorld({ logs: log.logs, pause: () => new Promise((resolve) => looks.push(resolve)) });
  const { client } = await w.shop();
  const { body } = await client.post('/workflow/execute', aRequest);
  const id = runId(body.workflow_id);
  const path = `/workflow/${id}/logs`;
  const advance = async () => {
    await w.deps.enqueue(id);
    await w.settle();
  };
  return {
    w,
    client,
    path,
    log,
    look() {
      const waiting = looks;
      looks = [];
      for (const wake of waiting) wake();
    },
    async run() {
      w.tasks.set(w.tasks.arnOf(id), { lastStatus: 'RUNNING', startedAt: w.clock.now() });
      await advance();
    },
    async end() {
      log.finish();
      writeResult(w, id);
      w.tasks.set(w.tasks.arnOf(id), { lastStatus: 'STOPPED', stoppedAt: w.clock.now(), exitCode: 0 });
      await advance();
    },
    async follow(query = '', headers = {}) {
      return eventsOf(
        await client.raw(path + query, { headers: { Accept: 'text/event-stream', ...headers } }),
      );
    },
  };
}
