import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { createClient } from '../../../action/client.ts';
import { apiKeyCredentials, type Credentials, oidcCredentials } from '../../../action/credentials.ts';
import { createRetry } from '../../../action/retry.ts';
import { createTransport } from '../../../action/transport.ts';
import { recordingHost } from './recording-host.ts';

const servers: Server[] = [];

afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((closed) => server.close(closed));
  }
});

/** A server that answers its requests in turn, the last answer again and again. */
async function serverOf(...answers: RequestListener[]): Promise<{ url: string; count: () => number }> {
  let count = 0;
  const server = createServer((request, response) => {
    const answer = answers[Math.min(count, answers.length - 1)];
    count += 1;
    answer?.(request, response);
  });
  servers.push(server);
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  // A server that listens on a port has an address of this form.
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, count: () => count };
}

function answer(status: number, body: unknown, headers: Record<string, string> = {}): RequestListener {
  return (_request, response) => {
    response.writeHead(status, headers);
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  };
}

const broken: RequestListener = (_request, response) => {
  response.writeHead(200, { 'Content-Length': '1000' });
  response.write('{"workflow_id":');
  setImmediate(() => response.destroy());
};

function clientOf(apiUrl: string, credentials: Credentials = apiKeyCredentials('a key')) {
  const host = recordingHost();
  const patience = { beforeFirstAnswerMs: 10_000, laterMs: 60_000 };
  const client = createClient({
    apiUrl,
    credentials,
    transport: createTransport(),
    retry: createRetry(host, patience),
  });
  return { client, host };
}

describe("The action's client", () => {
  it('asks again where a connection breaks in the middle of an answer, or a gateway has lost its server', async () => {
    const server = await serverOf(
      broken,
      answer(502, '<html>Bad Gateway</html>'),
      answer(200, { workflow_id: 'one' }),
    );
    const { client } = clientOf(server.url);
    await expect(client.status('one')).resolves.toEqual({ workflow_id: 'one' });
    expect(server.count()).toBe(3);
  });

  it('waits as long as a busy server asks it to', async () => {
    const server = await serverOf(
      answer(429, { message: 'Too many requests.', code: 'rate_limited' }, { 'Retry-After': '7' }),
      answer(200, { workflow_id: 'one' }),
    );
    const { client, host } = clientOf(server.url);
    const begun = host.now();
    await client.status('one');
    expect(host.now() - begun).toBe(7000);
  });

  it('takes no for an answer', async () => {
    const server = await serverOf(
      answer(401, {
        message: 'This API key is unknown or was revoked.',
        code: 'unauthorized',
        hint: 'Ask for one.',
      }),
    );
    const { client } = clientOf(server.url);
    await expect(client.status('one')).rejects.toThrow(
      'Berth answered 401: This API key is unknown or was revoked. Ask for one.',
    );
    expect(server.count()).toBe(1);
  });

  it('takes a launch that failed for an answer, though its status is 500', async () => {
    const server = await serverOf(
      answer(500, { error: 'Failed to start Fargate task.', code: 'launch_failed', details: 'No subnet.' }),
    );
    const { client } = clientOf(server.url);
    await expect(client.status('one')).rejects.toThrow('Failed to start Fargate task. No subnet.');
    expect(server.count()).toBe(1);
  });

  it('sends its key nowhere else, and says where the server has gone', async () => {
    const server = await serverOf(answer(301, '', { Location: 'https://new.example.com/' }));
    const { client } = clientOf(server.url);
    await expect(client.status('one')).rejects.toThrow('Give that as api-url.');
  });

  it('says that something other than Berth has answered', async () => {
    const server = await serverOf(answer(200, '<html>Welcome to nginx!</html>'));
    const { client } = clientOf(server.url);
    await expect(client.status('one')).rejects.toThrow(
      'answered 200, and not as Berth does. Is api-url right?',
    );
  });

  it('gives up where nobody answers, and says for how long it has tried', async () => {
    const { client, host } = clientOf('http://127.0.0.1:1');
    await expect(client.status('one')).rejects.toThrow(
      /^Berth could not be reached for \d+ s: connect ECONNREFUSED/,
    );
    expect(host.log()).toContain('Berth cannot be reached');
  });

  it('does not mind that a run which it cancels has ended', async () => {
    const server = await serverOf(
      answer(409, { message: 'The workflow has ended already.', code: 'run_ended' }),
    );
    const { client } = clientOf(server.url);
    await expect(client.cancel('one')).resolves.toBeUndefined();
  });
});

describe('OIDC tokens', () => {
  const tokenUntil = (name: string, endsAtMs: number): string =>
    `${name}.${Buffer.from(JSON.stringify({ exp: endsAtMs / 1000 })).toString('base64url')}.signature`;

  it('are kept until a minute before their end, and then fetched anew', async () => {
    let now = 0;
    let fetched = 0;
    const credentials = oidcCredentials({
      now: () => now,
      async fetchToken() {
        fetched += 1;
        return tokenUntil(`token${fetched}`, now + 300_000);
      },
    });
    const name = async (): Promise<string | undefined> =>
      (await credentials.headers()).Authorization?.match(/token\d/)?.[0];
    expect(await name()).toBe('token1');
    now = 239_000;
    expect(await name()).toBe('token1');
    now = 240_000;
    expect(await name()).toBe('token2');
  });

  it('are used to their end where no new one is to be had', async () => {
    let now = 0;
    let isAway = false;
    const credentials = oidcCredentials({
      now: () => now,
      async fetchToken() {
        if (isAway) throw new Error('away');
        return tokenUntil('old', 300_000);
      },
    });
    await credentials.headers();
    [isAway, now] = [true, 299_000];
    await expect(credentials.headers()).resolves.toMatchObject({
      Authorization: expect.stringContaining('old'),
    });
    now = 300_000;
    await expect(credentials.headers()).rejects.toThrow('away');
  });

  it('are fetched anew, once, where Berth refuses one', async () => {
    const refusal = answer(401, { message: 'The token has expired.', code: 'unauthorized' });
    let fetched = 0;
    const credentials = oidcCredentials({
      now: () => 0,
      async fetchToken() {
        fetched += 1;
        return tokenUntil('token', 300_000);
      },
    });
    const server = await serverOf(refusal, answer(200, { workflow_id: 'one' }), refusal);
    const { client } = clientOf(server.url, credentials);
    await client.status('one');
    expect(fetched).toBe(2);
    await expect(client.status('one')).rejects.toThrow('The token has expired.');
    expect(server.count()).toBe(4);
  });
});
