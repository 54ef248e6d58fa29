import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { FileObjects } from '../../app/adapters/files/file-objects.ts';
import { verifyGrant } from '../../app/adapters/files/signed-grant.ts';
import { BerthError } from '../../app/core/model/errors.ts';
import type { Clock } from '../../app/ports/clock.ts';

export interface ObjectsServer {
  readonly port: number;
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Serves the URLs that file objects grant, and nothing else.
 *
 * @param deps.objects read at each request, as the objects themselves want to know the server's URL.
 * @param listen a TCP port (0: any free one) of the loopback interface, or the path of a socket.
 */
export async function objectsServer(
  deps: { readonly objects: () => FileObjects; readonly signingKey: Buffer; readonly clock: Clock },
  listen: number | string = 0,
): Promise<ObjectsServer> {
  const server = createServer((request, response) => {
    answer(deps, request, response).catch((error: unknown) => {
      // The client disconnected.
      if (response.headersSent) {
        response.destroy();
        return;
      }
      const code = error instanceof BerthError ? error.code : 'internal';
      const status = { signature_invalid: 403, body_too_large: 413 }[code as string] ?? 500;
      response.writeHead(status, { 'content-type': 'text/plain', connection: 'close' }).end(String(error));
    });
  });
  await new Promise<void>((resolve) => {
    if (typeof listen === 'string') server.listen(listen, resolve);
    else server.listen(listen, '127.0.0.1', resolve);
  });
  // A server on TCP has an AddressInfo. A server on a socket has no port.
  const port = typeof listen === 'string' ? 0 : (server.address() as AddressInfo).port;
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(
  deps: Parameters<typeof objectsServer>[0],
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://localhost');
  const grant = verifyGrant(
    deps.signingKey,
    { method: request.method ?? '', path: url.pathname, query: url.searchParams },
    deps.clock.now(),
  );
  if (grant.method === 'PUT') {
    const contentType = grant.contentType ?? 'application/octet-stream';
    await deps.objects().putStream(grant.key, request, contentType, grant.maxBytes);
    response.writeHead(204).end();
    return;
  }
  const found = await deps.objects().get(grant.key);
  if (found === undefined) {
    response.writeHead(404).end();
    return;
  }
  response.writeHead(200, { 'content-type': found.contentType, 'content-length': found.sizeBytes });
  await pipeline(Readable.from(found.body), response);
}
