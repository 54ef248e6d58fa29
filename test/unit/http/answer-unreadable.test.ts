import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { answerUnreadable } from '../../../app/http/answer-unreadable.ts';

const server = createServer((_request, response) => response.end());
server.on('clientError', answerUnreadable);

beforeAll(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)));
afterAll(() => new Promise((resolve) => server.close(resolve)));

/** Sends a text as it is. @returns everything that the server answers. */
function answerTo(text: string): Promise<string> {
  // The server listens, so its address is neither null nor the path of a socket.
  const { port } = server.address() as AddressInfo;
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const socket = connect(port, '127.0.0.1', () => socket.write(text));
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    socket.on('error', reject);
    socket.on('close', () => resolve(Buffer.concat(chunks).toString()));
  });
}

it.each([
  ['431', 'longer than 16 KB', `GET / HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`],
  ['400', 'not valid HTTP', 'FOO / HTTP/1.1\r\nHost: a\r\n\r\n'],
])('a request that Node cannot read gets an error like every other (%s)', async (status, text, request) => {
  const [head = '', body = ''] = (await answerTo(request)).split('\r\n\r\n');
  expect(head).toContain(`HTTP/1.1 ${status} `);
  expect(JSON.parse(body)).toMatchObject({ code: 'invalid_request', message: expect.stringContaining(text) });
});
