import { createHmac } from 'node:crypto';
import { mkdtemp, readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { eventually } from '../../helpers/eventually.ts';
import { freePort } from '../../helpers/free-port.ts';
import { type GitRepository, gitRepository } from '../../helpers/git-repository.ts';
import { type ServerProcess, startServer } from '../../helpers/server-process.ts';
import { removeDirectory } from '../../helpers/temporary-directory.ts';

let directory: string;
let dataDir: string;
let repository: GitRepository;
/** The same over a restart, as PORT is in life: tasks that continue in the meantime upload their results to it. */
let port: string;
const servers: ServerProcess[] = [];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'berth-e2e-'));
  dataDir = join(directory, 'data');
  port = String(await freePort());
  repository = await gitRepository(join(directory, 'repository'), {
    'wait.sh': 'until [ -e "$1" ]; do sleep 0.05; done\n',
  });
});
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.kill()));
  await removeDirectory(directory);
});

async function start(environment: Record<string, string> = {}): Promise<ServerProcess> {
  const server = await startServer(dataDir, { PORT: port, ...environment });
  servers.push(server);
  return server;
}

async function execute(
  server: ServerProcess,
  command: string,
  more: Record<string, unknown> = {},
): Promise<string> {
  const { status, body } = await server.call('POST', '/workflow/execute', {
    repo_url: repository.url,
    branch: repository.branch,
    test_command: command,
    ...more,
  });
  expect({ status, body }).toMatchObject({ status: 202 });
  return String(body.workflow_id);
}

async function ended(server: ServerProcess, id: string) {
  return eventually(`the end of ${id}`, async () => {
    const { body } = await server.call('GET', `/workflow/${id}`);
    return body.status === 'STOPPED' && body.conclusion !== null && body;
  });
}

async function reaches(server: ServerProcess, id: string, state: string): Promise<void> {
  await eventually(`${id} to be ${state}`, async () => {
    const { body } = await server.call('GET', `/workflow/${id}/status`);
    return body.state === state;
  });
}

/** A receiver of webhooks, and what it got. */
async function receiver() {
  const bodies: { readonly path: string; readonly body: string; readonly signature: string }[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const signature = String(request.headers['x-berth-signature-256'] ?? '');
    bodies.push({ path: request.url ?? '', body: Buffer.concat(chunks).toString(), signature });
    response.writeHead(204).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // A listening server has an address with a port.
  const { port } = server.address() as AddressInfo;
  return { bodies, url: `http://127.0.0.1:${port}`, close: () => server.close() };
}

async function logOf(server: ServerProcess, id: string): Promise<string> {
  const { body } = await server.call('GET', `/workflow/${id}/logs`);
  return JSON.stringify(body.lines);
}

describe('a server on a laptop', () => {
  it('runs the tests of a branch on a stack that it holds, and gives it back', async () => {
    const server = await start();
    const id = await execute(server, 'echo "on $BERTH_STACK at $BERTH_SHA"');
    expect(await ended(server, id)).toMatchObject({ state: 'succeeded', exit_code: 0, stack_name: 'test-1' });
    expect(await logOf(server, id)).toContain(`on test-1 at ${repository.sha}`);
    // A run has ended before its stack is released, which is a separate step.
    await eventually('the stack to be free again', async () => {
      const { body } = await server.call('GET', '/listStacks');
      const [stack] = body.stacks as { stackName: string; isAvailable: boolean; branch: string }[];
      expect(stack).toMatchObject({ stackName: 'test-1', branch: 'main' });
      return stack?.isAvailable;
    });
  });

  it('reports a failing command with its exit code', async () => {
    const server = await start();
    const id = await execute(server, 'exit 3');
    expect(await ended(server, id)).toMatchObject({ state: 'failed', conclusion: 'failure', exit_code: 3 });
  });

  it('retries only the failed test of a suite, which then counts all its tests', async () => {
    const server = await start();
    const suite = [
      "const { it } = require('node:test');",
      "for (let index = 0; index < 20; index += 1) it('adds ' + index, () => {});",
      "it('is flaky', () => { if (process.env.BERTH_RUN_ID.includes('first')) throw new Error('no'); });",
    ].join('\n');
    const id = await execute(server, 'node --test', {
      setup: `cat > flaky.test.js <<'END'\n${suite}\nEND`,
      retries: 1,
      run_id: 'first',
    });
    expect(await ended(server, id)).toMatchObject({ state: 'failed', tests: { total: 21, failed: 1 } });
    const retry = await eventually('the retry', async () => {
      const { body } = await server.call('GET', `/workflow/${id}`);
      return typeof body.retried_by === 'string' && body.retried_by;
    });
    expect(await ended(server, retry)).toMatchObject({
      state: 'succeeded',
      failed_only: true,
      tests: { total: 21, passed: 21, failed: 0, flaky: 1, earlier: 20 },
      passed_on_retry: ['is flaky'],
      warnings: [],
    });
  });

  it('gives tasks none of its own environment', async () => {
    const server = await start({ AWS_SECRET_ACCESS_KEY: 'not-for-tests' });
    const id = await execute(server, 'env');
    await ended(server, id);
    const log = await logOf(server, id);
    expect(log).toContain('BERTH_STACK=test-1');
    expect(log).not.toContain('not-for-tests');
    expect(log).not.toContain('a-key-for-the-tests');
  });

  it('keeps what it knows over a restart', async () => {
    const first = await start();
    const id = await execute(first, 'true');
    await ended(first, id);
    await first.stop();
    expect(await (await start()).call('GET', `/workflow/${id}/status`)).toMatchObject({
      body: { state: 'succeeded' },
    });
  });

  it('refuses a data directory that another server works in, and says so', async () => {
    await start();
    port = '0';
    await expect(start()).rejects.toThrow(/data_dir_in_use|Another Berth process/);
  });

  it('refuses a port that is in use, and says so', async () => {
    const { url } = await start();
    dataDir = join(directory, 'other');
    await expect(start({ PORT: new URL(url).port })).rejects.toThrow(/in use by another program/);
  });

  it('keeps only the hash of its key', async () => {
    await (await start()).stop();
    const files = await readFile(join(dataDir, 'objects.key'), 'utf8');
    expect(files).not.toContain('a-key-for-the-tests');
  });
});

describe('a server that is killed', () => {
  it('finds a run that continued in the meantime, and follows it until it finishes', async () => {
    const gate = join(directory, 'gate');
    const first = await start();
    const id = await execute(first, `sh wait.sh '${gate}'; echo reached the end`);
    await reaches(first, id, 'running');
    await first.kill();
    const second = await start();
    expect(await second.call('GET', `/workflow/${id}/status`)).toMatchObject({ body: { state: 'running' } });
    await gitRepository(gate, { done: '' });
    expect(await ended(second, id)).toMatchObject({ state: 'succeeded' });
    expect(await logOf(second, id)).toContain('reached the end');
  });

  it('finds a run that ended in the meantime', async () => {
    const gate = join(directory, 'gate');
    const first = await start();
    const id = await execute(first, `sh wait.sh '${gate}'; exit 4`);
    await reaches(first, id, 'running');
    await first.kill();
    await gitRepository(gate, { done: '' });
    expect(await ended(await start(), id)).toMatchObject({ state: 'failed', exit_code: 4 });
  });

  it('can cancel after its restart what it started before', async () => {
    const first = await start();
    const id = await execute(first, `sh wait.sh never`);
    await reaches(first, id, 'running');
    await first.kill();
    const second = await start();
    expect(await second.call('DELETE', `/workflow/${id}`)).toMatchObject({
      status: 200,
      body: { message: 'Workflow cancellation request sent.' },
    });
    expect(await ended(second, id)).toMatchObject({ state: 'cancelled' });
  });

  it('has given no stack to two, though 200 asked for 50 when it died', async () => {
    const first = await start();
    expect((await first.call('PATCH', '/projects/default', { settings: { maxStacks: 50 } })).status).toBe(
      200,
    );
    const asked = Array.from({ length: 200 }, (_, index) => {
      const body = { branch: `b${index}`, holder: `client-${index}` };
      return first.call('POST', '/requestStack', body).catch(() => undefined);
    });
    await Promise.race(asked);
    await first.kill();
    const before = (await Promise.all(asked)).flatMap((answer) =>
      answer?.status === 200 ? [answer.body] : [],
    );

    const second = await start();
    const answers = await Promise.all(
      Array.from({ length: 200 }, (_, index) =>
        second.call('POST', '/requestStack', { branch: `b${index}`, holder: `client-${index}` }),
      ),
    );
    const held = answers.filter(({ status }) => status === 200).map(({ body }) => String(body.stackName));
    expect(answers.map(({ status }) => status).filter((status) => status !== 200 && status !== 409)).toEqual(
      [],
    );
    expect(held).toHaveLength(50);
    expect(new Set(held).size).toBe(50);
    // A client that received a stack before the crash still has it.
    for (const { stackName, lockToken } of before) {
      expect(answers).toContainEqual({
        status: 200,
        body: expect.objectContaining({ stackName, lockToken }),
      });
    }
  });
});

describe('notifications of the embedded server', () => {
  it('are signed webhooks, and messages about failures and recoveries', async () => {
    const received = await receiver();
    const secret = 'a secret of sixteen and more';
    const server = await start({
      BERTH_WEBHOOK_URL: `${received.url}/events`,
      BERTH_WEBHOOK_SECRET: secret,
      BERTH_SLACK_WEBHOOK_URL: `${received.url}/slack`,
      BERTH_NOTIFY_BRANCHES: repository.branch,
    });
    const events = () => received.bodies.filter(({ path }) => path === '/events');
    const messages = () => received.bodies.filter(({ path }) => path === '/slack').map(({ body }) => body);
    await ended(server, await execute(server, 'exit 3'));
    await eventually('the first message', async () => messages().length === 1);
    await ended(server, await execute(server, 'exit 0'));
    await eventually('the second message', async () => messages().length === 2);
    received.close();
    expect(messages()[0]).toContain('failed on');
    expect(messages()[1]).toContain('passes again on');
    const finished = events().filter(({ body }) => body.includes('"RunFinished"'));
    expect(finished.length).toBeGreaterThanOrEqual(2);
    for (const { body, signature } of events())
      expect(signature).toBe(`sha256=${createHmac('sha256', secret).update(body).digest('hex')}`);
  });
});

describe('a data directory that is deleted while the server runs', () => {
  it('makes the server refuse every change, and say so', async () => {
    const server = await start();
    await removeDirectory(dataDir);
    const body = { repo_url: repository.url, branch: repository.branch, test_command: 'true' };
    expect(await server.call('POST', '/workflow/execute', body)).toMatchObject({
      status: 503,
      body: { code: 'data_dir_missing' },
    });
    expect(await server.call('POST', '/requestStack', {})).toMatchObject({
      status: 503,
      body: { code: 'data_dir_missing' },
    });
    expect(await server.call('GET', '/readyz')).toMatchObject({
      status: 503,
      body: { code: 'data_dir_missing' },
    });
  });
});
