import { createServer, type Server } from 'node:net';
import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { GitSource } from '../../../runner-image/src/source/git-checkout.ts';
import { makeRepository } from './harness/git-repository.ts';
import { runRunner } from './harness/run-runner.ts';

let source: GitSource;
beforeAll(async () => {
  const repository = await makeRepository();
  source = { kind: 'git', url: repository.url, branch: 'main' };
});

let server: Server;
afterEach(() => void server.close());

/** Listens on a free port. The server ends after it has read something. */
async function listen(): Promise<number> {
  server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => server.close(() => undefined) && socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

const db = (port: number) => [{ name: 'db', image: 'postgres:16', ports: [port], timeoutSeconds: 1 }];
const stop = (port: number) => `exec 3<>/dev/tcp/127.0.0.1/${port}; echo stop >&3; cat <&3`;

describe('the services of a job', () => {
  it('must accept connections before the command starts', async () => {
    const port = await listen();
    server.close();
    const run = await runRunner({ source, command: 'echo started', services: db(port) });
    expect(run.result).toMatchObject({
      outcome: 'errored',
      error: {
        code: 'service_not_ready',
        message: `The service db did not accept connections on port ${port} within 1 s. See its log.`,
      },
    });
    expect(run.lines).not.toContain('started');
  });

  it('are named if they accept none after a failed command', async () => {
    const port = await listen();
    const run = await runRunner({ source, command: `${stop(port)}; exit 1`, services: db(port) });
    expect(run.result).toMatchObject({ outcome: 'failed', exitCode: 1, servicesDown: ['db'] });
  });

  it('are not named if they still do, or if the command succeeded', async () => {
    const port = await listen();
    const failed = await runRunner({ source, command: 'exit 1', services: db(port) });
    expect(failed.result).not.toHaveProperty('servicesDown');
    const succeeded = await runRunner({ source, command: stop(port), services: db(port) });
    expect(succeeded.result).toMatchObject({ outcome: 'succeeded' });
    expect(succeeded.result).not.toHaveProperty('servicesDown');
  });
});
