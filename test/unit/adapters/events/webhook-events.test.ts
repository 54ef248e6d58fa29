import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Resolve } from '../../../../app/adapters/events/post-checked.ts';
import { signatureOf, webhookEvents } from '../../../../app/adapters/events/webhook-events.ts';
import { systemIds } from '../../../../app/adapters/system/system-ids.ts';
import { outcomeWithoutResult } from '../../../../app/core/model/outcome.ts';
import { omitUndefined } from '../../../../app/lib/omit-undefined.ts';
import { anEndedRun, aRun } from '../../../helpers/a-run.ts';

interface Delivery {
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

describe("Berth's events as webhooks", () => {
  const secret = 'shared with those who listen';
  let deliveries: Delivery[];
  let answers: number[];
  let retryAfter: string | undefined;
  let waits: number[];
  let url: string;
  let close: () => Promise<void>;
  beforeEach(async () => {
    deliveries = [];
    answers = [];
    retryAfter = undefined;
    waits = [];
    const server = createServer(async (incoming, outgoing) => {
      const chunks: Buffer[] = [];
      for await (const chunk of incoming) chunks.push(chunk);
      deliveries.push({ headers: incoming.headers, body: Buffer.concat(chunks).toString() });
      const status = answers.shift() ?? 204;
      if (status === 0) incoming.socket.destroy();
      else
        outgoing
          .writeHead(status, omitUndefined({ location: `${url}elsewhere`, 'retry-after': retryAfter }))
          .end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    // The server listens, so its address is neither null nor the path of a socket.
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    close = () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    };
  });
  afterEach(() => close());

  const warnings: string[] = [];
  const reasons: string[] = [];
  const events = (to = url, resolve?: Resolve) =>
    webhookEvents({
      ...omitUndefined({ resolve }),
      url: to,
      secret,
      clock: { now: () => new Date('2026-11-02T10:02:12Z') },
      ids: systemIds,
      log: {
        info: () => {},
        warn: (facts, message) => {
          warnings.push(message);
          reasons.push('reason' in facts ? String(facts.reason) : '');
        },
        error: () => {},
      },
      sleep: async (milliseconds) => void waits.push(milliseconds),
      longestWaitMs: 60_000,
    });

  it('describe the event, with a verifiable signature', async () => {
    await events().publish({ type: 'RunFinished', run: anEndedRun('failed', { costUsd: 0.01 }) });
    const [delivery] = deliveries;
    expect(delivery?.headers).toMatchObject({
      'content-type': 'application/json',
      'x-berth-event': 'RunFinished',
      'x-berth-signature-256': signatureOf(delivery?.body ?? '', secret),
    });
    expect(JSON.parse(delivery?.body ?? '')).toMatchObject({
      id: delivery?.headers['x-berth-delivery'],
      type: 'RunFinished',
      time: '2026-11-02T10:02:12.000Z',
      detail: { runId: '01RUN', state: 'failed', exitCode: 1, costUsd: 0.01, branch: 'topic' },
    });
  });

  it('have the same signature as openssl', () => {
    // printf %s '{}' | openssl dgst -sha256 -hmac key
    expect(signatureOf('{}', 'key')).toBe(
      'sha256=a777724d943eb48dc69bca8a4a6d57a04db3f9ec7e1de4e581e860265bdf3032',
    );
  });

  it('contain neither the environment nor the command of a run', async () => {
    const run = aRun({}, { env: { TOKEN: 'hush' }, command: 'curl -H hush', secrets: { A: 'ssm:/hush' } });
    await events().publish({ type: 'RunStarted', run });
    expect(deliveries[0]?.body).not.toContain('hush');
  });

  it('are redelivered with the same ID after a lost response or a retry request', async () => {
    answers = [500, 0, 429];
    await events().publish({ type: 'RunStarted', run: aRun() });
    expect(deliveries).toHaveLength(4);
    expect(new Set(deliveries.map(({ headers }) => headers['x-berth-delivery'])).size).toBe(1);
  });

  it.each([
    ['30', 30_000],
    ['86400', 60_000],
  ])('wait as long as the receiver asks, up to a limit (%s s)', async (header, wait) => {
    retryAfter = header;
    answers = [429];
    await events().publish({ type: 'RunStarted', run: aRun() });
    expect(waits).toEqual([wait]);
  });

  it('log why a name with several addresses cannot be reached', async () => {
    reasons.length = 0;
    const refused = Object.assign(new Error('connect'), { code: 'ECONNREFUSED' });
    // Node reports the failures of all addresses in an error without a message.
    const failures = new AggregateError([refused, refused]);
    await events('http://receiver.example/', (_host, answer) => answer(failures, [])).publish({
      type: 'RunStarted',
      run: aRun(),
    });
    expect(reasons).toEqual(['it refuses the connection']);
  });

  it.each([400, 404, 410, 307])('are dropped immediately after a rejection (%i)', async (status) => {
    answers = [status];
    warnings.length = 0;
    await events().publish({ type: 'RunStarted', run: aRun() });
    expect(warnings).toEqual(['a webhook could not be delivered']);
    expect(deliveries.every(({ headers }) => headers['x-berth-event'] === 'RunStarted')).toBe(true);
  });

  it.each([
    'http://169.254.169.254/latest/meta-data',
    'http://[fd00:ec2::254]/',
    'http://metadata.google.internal/',
    'http://2852039166/',
  ])('are not sent to the metadata of the machine (%s)', async (address) => {
    warnings.length = 0;
    await events(address).publish({ type: 'RunStarted', run: aRun() });
    expect(warnings).toEqual(['a webhook could not be delivered']);
  });

  it('are not sent to a name that resolves to the metadata of the machine', async () => {
    warnings.length = 0;
    let lookups = 0;
    await events('http://receiver.example/', (_host, answer) => {
      lookups += 1;
      answer(null, [
        { address: '127.0.0.1', family: 4 },
        { address: '169.254.169.254', family: 4 },
      ]);
    }).publish({ type: 'RunStarted', run: aRun() });
    expect([warnings, lookups]).toEqual([['a webhook could not be delivered'], 1]);
  });

  it('connect to the address that was checked, whatever the next answer of the resolver is', async () => {
    const { port } = new URL(url);
    const addresses = ['127.0.0.1', '169.254.169.254'];
    await events(`http://receiver.example:${port}/`, (_host, answer) =>
      answer(null, [{ address: addresses.shift() ?? '', family: 4 }]),
    ).publish({ type: 'RunStarted', run: aRun() });
    expect(deliveries[0]?.headers.host).toBe(`receiver.example:${port}`);
    expect(addresses).toEqual(['169.254.169.254']);
  });

  it('never block a run', async () => {
    await close();
    const run = { ...aRun(), outcome: outcomeWithoutResult('x') };
    await expect(events().publish({ type: 'RunFinished', run })).resolves.toBeUndefined();
  });
});
