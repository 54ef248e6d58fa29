import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { handler } from '../../../app/lambda/http.ts';

type Handler = typeof handler;
type GatewayEvent = Parameters<Handler>[0];

/** An HTTP API of API Gateway on loopback: each request becomes an event of payload format 2.0. */
export async function startGateway(handle: Handler): Promise<{ url: string; close: () => Promise<void> }> {
  const server = createServer(async (incoming, outgoing) => {
    try {
      const { statusCode, headers = {}, body, isBase64Encoded } = await handle(await eventOf(incoming));
      outgoing.writeHead(statusCode, headers as Record<string, string>);
      outgoing.end(isBase64Encoded ? Buffer.from(body, 'base64') : body);
    } catch (error) {
      // API Gateway says no more of a function that failed.
      outgoing.writeHead(500).end(String(error));
    }
  });
  // As API Gateway keeps connections; Node's 5 s are over where a test is busy for a moment.
  server.keepAliveTimeout = 75_000;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // The server listens, so its address is neither null nor the path of a socket.
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

/** https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html */
async function eventOf(incoming: IncomingMessage): Promise<GatewayEvent> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk);
  const url = new URL(incoming.url ?? '/', 'http://localhost');
  const event = {
    version: '2.0',
    routeKey: '$default',
    rawPath: url.pathname,
    rawQueryString: url.search.slice(1),
    headers: Object.fromEntries(
      Object.entries(incoming.headers).map(([name, value]) => [name, String(value)]),
    ),
    requestContext: {
      accountId: '123456789012',
      apiId: 'api',
      domainName: 'api.example',
      domainPrefix: 'api',
      requestId: 'id',
      routeKey: '$default',
      stage: '$default',
      time: '23/Nov/2026:12:00:00 +0000',
      timeEpoch: Date.now(),
      http: {
        method: incoming.method ?? 'GET',
        path: url.pathname,
        protocol: 'HTTP/1.1',
        sourceIp: '127.0.0.1',
        userAgent: 'test',
      },
    },
    body: Buffer.concat(chunks).toString('base64'),
    isBase64Encoded: true,
  };
  // Hono's type has fields of other kinds of gateways too, which an event of this kind does not have.
  return event as unknown as GatewayEvent;
}
