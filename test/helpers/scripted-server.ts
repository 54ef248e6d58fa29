import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

interface ScriptedServer {
  readonly url: string;
  readonly requests: { readonly url: string; readonly headers: NodeJS.Dict<string | string[]> }[];
}

export interface ScriptedServers {
  /** Starts a server that gives these answers in turn, and the last one from then on. */
  start(...answers: RequestListener[]): Promise<ScriptedServer>;
  close(): Promise<void>;
}

export function scriptedServers(): ScriptedServers {
  const servers: Server[] = [];
  return {
    async start(...answers) {
      const requests: { url: string; headers: NodeJS.Dict<string | string[]> }[] = [];
      const server = createServer((request, response) => {
        const answer = answers[Math.min(requests.length, answers.length - 1)];
        requests.push({ url: request.url ?? '', headers: request.headers });
        answer?.(request, response);
      });
      servers.push(server);
      await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
      // A server that listens on a port has an address of this form.
      return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests };
    },
    async close() {
      for (const server of servers.splice(0)) {
        server.closeAllConnections();
        await new Promise((closed) => server.close(closed));
      }
    },
  };
}

/** An answer with a body: JSON, or a text as it is. */
export function answer(status: number, body: unknown, headers: Record<string, string> = {}): RequestListener {
  return (_request, response) => {
    response.writeHead(status, headers);
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  };
}

/** Ends the connection without an answer. */
export const hangUp: RequestListener = (request) => void request.socket.destroy();

/** Ends the connection in the middle of an answer. */
export const breakOff: RequestListener = (_request, response) => {
  response.writeHead(200, { 'Content-Length': '1000' });
  response.write('{"workflow_id":');
  setImmediate(() => response.destroy());
};
