import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';

/** The answer to a request that ends before any route is found, because Node cannot read it. */
export const longHeaders = {
  status: 431,
  message: 'The URL and the headers are longer than 16 KB.',
} as const;

const answers: ReadonlyMap<string | undefined, { readonly status: number; readonly message: string }> =
  new Map([
    ['HPE_HEADER_OVERFLOW', longHeaders],
    ['ERR_HTTP_REQUEST_TIMEOUT', { status: 408, message: 'The request did not arrive in time.' }],
  ]);

/** Answers in the form of every other error, and closes the connection. For the event `clientError` of a server. */
export function answerUnreadable({ code }: NodeJS.ErrnoException, socket: Duplex): void {
  if (code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const { status, message } = answers.get(code) ?? { status: 400, message: 'The request is not valid HTTP.' };
  const body = JSON.stringify({ error: message, message, code: 'invalid_request' });
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'Connection: close',
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(body)}`,
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}
