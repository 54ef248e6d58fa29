import { mkdtemp } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Job } from '../../../../app/core/model/job.ts';

interface Received {
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** A real server on loopback, or on a unix socket, that takes what a runner uploads and gives it its job. */
export interface UploadServer {
  readonly url: string;
  readonly uploads: Job['uploads'];
  /** In the order in which they came in whole. */
  readonly received: readonly Received[];
  /** The last upload to this path. */
  upload(path: string): Received | undefined;
  serve(path: string, body: string | Buffer, contentType?: string): void;
  /** Takes over the answer to a path; returned to normal when `times` have been answered. */
  answer(path: string, answer: Answer, times?: number): void;
  /** The number of requests for this path, with any method. */
  asked(path: string): number;
  /** Resolves with the next request for this path. */
  requested(path: string): Promise<IncomingMessage>;
  close(): Promise<void>;
}

const maxBytes = 50 * 1024 * 1024;

export async function startUploadServer(options: { readonly socket?: boolean } = {}): Promise<UploadServer> {
  const received: Received[] = [];
  const counts = new Map<string, number>();
  const served = new Map<string, { readonly body: string | Buffer; readonly contentType: string }>();
  const answers = new Map<string, { readonly answer: Answer; left: number }>();
  const waiting = new Map<string, (request: IncomingMessage) => void>();

  const server = createServer(async (request, response) => {
    const path = new URL(request.url ?? '/', 'http://localhost').pathname;
    counts.set(path, (counts.get(path) ?? 0) + 1);
    waiting.get(path)?.(request);
    const special = answers.get(path);
    if (special !== undefined && special.left > 0) {
      special.left -= 1;
      special.answer(request, response);
      return;
    }
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    if (request.method === 'PUT') {
      received.push({ path, headers: request.headers, body: Buffer.concat(chunks) });
      response.end();
      return;
    }
    const file = served.get(path);
    if (file === undefined) response.writeHead(404).end('nothing here');
    else response.writeHead(200, { 'content-type': file.contentType }).end(file.body);
  });
  const socketPath = options.socket
    ? join(await mkdtemp(join(tmpdir(), 'berth-test-')), 'server.sock')
    : undefined;
  await new Promise<void>((resolve) => {
    if (socketPath === undefined) server.listen(0, '127.0.0.1', resolve);
    else server.listen(socketPath, resolve);
  });
  const address = server.address();
  const url =
    socketPath === undefined
      ? `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`
      : `http+unix://${encodeURIComponent(socketPath)}`;
  const target = (name: string) => ({ url: `${url}/${name}`, headers: {}, maxBytes });

  return {
    url,
    uploads: {
      result: target('result'),
      report: target('report'),
      tests: target('tests'),
      artifacts: target('artifacts'),
      progress: target('progress'),
      caches: [],
    },
    received,
    upload: (path) => received.findLast((upload) => upload.path === path),
    serve: (path, body, contentType = 'application/json') => served.set(path, { body, contentType }),
    answer: (path, answer, times = Number.POSITIVE_INFINITY) => answers.set(path, { answer, left: times }),
    asked: (path) => counts.get(path) ?? 0,
    requested: (path) => new Promise((resolve) => waiting.set(path, resolve)),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
