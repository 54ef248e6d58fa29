import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp } from 'node:fs/promises';
import { request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { memoryMib, resetPeak } from '../../helpers/process-memory.ts';
import { type ServerProcess, startServer } from '../../helpers/server-process.ts';

const megabyte = 1024 * 1024;
const bodies = 20;
const bodyBytes = 24 * megabyte;
/** 20 bodies of 24 MB took 600 MB before; 50 MB of them may be read at the same time, and are copied once or twice. */
const mostGrowthMib = 250;

let server: ServerProcess;
beforeAll(async () => {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const directory = await mkdtemp(join(tmpdir(), 'berth-webhooks-'));
  server = await startServer(join(directory, 'data'), {
    APP_ID: '1',
    // With the format `pem` it is text.
    PRIVATE_KEY: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
    WEBHOOK_SECRET: 'secret-of-the-webhooks',
    // Nothing listens there.
    GHE_HOST: '127.0.0.1:9',
    GHE_PROTOCOL: 'http',
    BERTH_LOG_LEVEL: 'silent',
  });
});
afterAll(() => server.stop());

/** Sends a body that the secret did not sign, as fast as the server takes it. @returns the status; 0 for a closed connection. */
function sendForged(signature: string | undefined): Promise<number> {
  return new Promise((resolve) => {
    const outgoing = request(`${server.url}/api/github/webhooks`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'content-length': bodyBytes,
        'x-github-event': 'push',
        'x-github-delivery': crypto.randomUUID(),
        ...(signature === undefined ? {} : { 'x-hub-signature-256': signature }),
      },
    });
    outgoing.on('response', (answer) => {
      answer.resume();
      resolve(answer.statusCode ?? 0);
      outgoing.destroy();
    });
    outgoing.on('error', () => resolve(0));
    const chunk = Buffer.alloc(megabyte, 'a');
    let left = bodyBytes;
    const write = (): void => {
      while (left > 0 && !outgoing.destroyed) {
        left -= chunk.length;
        if (!outgoing.write(chunk)) return void outgoing.once('drain', write);
      }
      outgoing.end();
    };
    write();
  });
}

it.each([
  ['without a signature', undefined],
  ['with a wrong signature', `sha256=${'0'.repeat(64)}`],
])(
  '20 webhooks of 24 MB %s take bounded memory, and the server continues to answer',
  async (_, signature) => {
    expect((await server.call('GET', '/healthz')).status).toBe(200);
    // Or the second case could hide below the peak of the first.
    await resetPeak(server.pid);
    const before = await memoryMib(server.pid, 'VmHWM');
    const statuses = await Promise.all(Array.from({ length: bodies }, () => sendForged(signature)));
    expect(statuses.filter((status) => ![0, 403, 429].includes(status))).toEqual([]);
    expect((await memoryMib(server.pid, 'VmHWM')) - before).toBeLessThan(mostGrowthMib);
    expect((await server.call('GET', '/healthz')).status).toBe(200);
  },
);

it('connections that never finish their headers are closed, and keep no one else out', async () => {
  const slow = Array.from({ length: 100 }, () => {
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
    socket.write('GET /healthz HTTP/1.1\r\nHost: a\r\nX-Slow: ');
    return socket;
  });
  try {
    const closed = slow.map(
      (socket) =>
        new Promise<string>((resolve) => {
          let answer = '';
          socket.on('data', (data) => {
            answer += data;
          });
          socket.on('close', () => resolve(answer));
          socket.on('error', () => resolve(answer));
        }),
    );
    expect((await server.call('GET', '/healthz')).status).toBe(200);
    // Node checks every 30 seconds.
    const answers = await Promise.all(closed);
    expect(answers.every((answer) => answer === '' || answer.startsWith('HTTP/1.1 408'))).toBe(true);
  } finally {
    for (const socket of slow) socket.destroy();
  }
});
