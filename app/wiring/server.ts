import type { Server } from 'node:http';
import { createAdaptorServer, type Http2Bindings, type HttpBindings } from '@hono/node-server';
import type { Deps } from '../core/deps.ts';
import { answerUnreadable } from '../http/answer-unreadable.ts';
import { omitUndefined } from '../lib/omit-undefined.ts';
import type { Config } from './config/config.ts';
import type { EmbeddedBerth, ServerFacts } from './embedded-berth.ts';
import { listen } from './listen.ts';
import { embedBerth } from './local.ts';
import { packageVersion } from './package-root.ts';
import { serveArtifacts } from './serve-artifacts.ts';
import { serveTasks } from './task-socket.ts';

// Loaded with the server, because it uses the same GitHub settings and files.
export { runDoctor } from './doctor/doctor.ts';

/** Berth, serving. */
export interface RunningServer extends ServerFacts {
  /** The address on this machine, without a trailing slash. */
  readonly url: string;
  /** Refuses new requests, finishes those in progress, and releases the data directory. Tasks keep running. */
  close(): Promise<void>;
}

/**
 * How long an idle connection stays open, in milliseconds: longer than proxies and clients keep it (60 s or less by
 * default), otherwise some requests would use a connection that is being closed.
 *
 * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html#connection-idle-timeout
 */
const keepAliveMs = 75_000;
/** The time limit for the headers, for clients that send them byte by byte. */
const headersMs = 20_000;
const mostConnections = 2_000;

/**
 * Starts Berth embedded in this process.
 *
 * @param around see `EmbeddingOptions`.
 * @throws BerthError `port_in_use`, `data_dir_in_use`, `config_invalid`, `engine_unreachable`, `image_not_found`.
 */
export async function serve(config: Config, around?: (deps: Deps) => Deps): Promise<RunningServer> {
  const current: { berth?: EmbeddedBerth } = {};
  const answer = (request: Request, peer?: string): Response | Promise<Response> =>
    current.berth?.fetch(request, peer) ?? starting();
  // The port is opened first, because URLs contain it. No request is answered before everything is ready.
  const server = createAdaptorServer({ fetch: (request, env) => answer(request, peerOf(env)) }) as Server; // Without TLS options the adaptor makes a plain HTTP server.
  server.on('clientError', answerUnreadable);
  server.keepAliveTimeout = keepAliveMs;
  server.headersTimeout = headersMs;
  server.maxConnections = mostConnections;
  const port = await listen(server, config);
  const url = `http://${reachable(config.host)}:${port}`;
  const artifacts = await serveArtifacts(answer, config, url).catch(async (error: unknown) => {
    await closed(server);
    throw error;
  });

  async function embed(): Promise<EmbeddedBerth> {
    current.berth = await embedBerth(
      config,
      url,
      packageVersion(),
      omitUndefined({
        // After the answer to the request that led here.
        reconfigured: async () => void setImmediate(() => void embedAnew()),
        around,
        artifactOrigin: artifacts?.origin,
      }),
    );
    return current.berth;
  }
  async function embedAnew(): Promise<void> {
    const before = current.berth;
    delete current.berth;
    await before?.close();
    (await embed()).start();
  }

  try {
    const berth = await embed();
    const socket =
      berth.socketDirectory === undefined ? undefined : await serveTasks(answer, berth.socketDirectory);
    berth.start();
    return {
      ...berth.facts,
      url,
      async close() {
        // Clients that follow a log would keep the server open indefinitely.
        for (const one of [server, artifacts?.server, socket]) {
          if (one === undefined) continue;
          one.closeAllConnections();
          await closed(one);
        }
        await current.berth?.close();
      },
    };
  } catch (error) {
    await closed(server);
    if (artifacts?.server !== undefined) await closed(artifacts.server);
    throw error;
  }
}

/** A browser loads the page again: it may come from GitHub right after the setup of the App restarted everything. */
const starting = (): Response =>
  new Response('Berth is starting.\n', { status: 503, headers: { 'Retry-After': '1', Refresh: '1' } });

/** Reads the address of the peer from Node's server. */
function peerOf(env: HttpBindings | Http2Bindings): string | undefined {
  return env.incoming.socket.remoteAddress;
}

/** Loopback reaches every interface; an IPv6 address is in brackets (RFC 3986, 3.2.2). */
function reachable(host: string): string {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1';
  return host.includes(':') ? `[${host}]` : host;
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()));
}
