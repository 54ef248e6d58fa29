import { chmod, mkdir, rm } from 'node:fs/promises';
import type { Server } from 'node:http';
import { join } from 'node:path';
import { createAdaptorServer, type Http2Bindings, type HttpBindings } from '@hono/node-server';
import type { Deps } from '../core/deps.ts';
import { BerthError } from '../core/model/errors.ts';
import { omitUndefined } from '../lib/omit-undefined.ts';
import type { Config } from './config/config.ts';
import { listen } from './listen.ts';
import { type EmbeddedBerth, embedBerth } from './local.ts';
import { packageVersion } from './package-root.ts';
import { serveArtifacts } from './serve-artifacts.ts';

// Loaded with the server, since it knows GitHub and the files as the server does.
export { runDoctor } from './doctor/doctor.ts';

/** Berth, serving. */
export interface RunningServer {
  /** The address on this machine, without a trailing slash. */
  readonly url: string;
  readonly executorReason: string;
  /** Warnings for the person who runs the server. */
  readonly warning?: string;
  /** The first API key, to be shown once; absent at every later start. */
  readonly firstKey?: string;
  readonly projectName: string;
  /** Where the GitHub App is set up; absent where there is one. */
  readonly setupUrl?: string;
  /** Refuses new requests, finishes those in progress, and releases the data directory. Tasks keep running. */
  close(): Promise<void>;
}

/**
 * How long an idle connection stays open, in milliseconds: longer than proxies and clients keep it (60 s or less by
 * default), or some requests would meet a connection that is just being closed.
 *
 * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html#connection-idle-timeout
 */
const keepAliveMs = 75_000;

/**
 * Starts Berth embedded in this process.
 *
 * @param around see `EmbeddingOptions`.
 * @throws BerthError `port_in_use`, `data_dir_in_use`, `config_invalid`, `engine_unreachable`, `image_not_found`.
 */
export async function serve(config: Config, around?: (deps: Deps) => Deps): Promise<RunningServer> {
  const current: { berth?: EmbeddedBerth } = {};
  const answer = (request: Request, peer?: string): Response | Promise<Response> =>
    current.berth?.fetch(request, peer) ?? new Response('Berth is starting.\n', { status: 503 });
  // The port is taken first, since URLs are made of it; nothing is answered before everything is there.
  const server = createAdaptorServer({ fetch: (request, env) => answer(request, peerOf(env)) }) as Server; // Without TLS options the adaptor makes a plain HTTP server.
  server.keepAliveTimeout = keepAliveMs;
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
      berth.socketDirectory === undefined ? undefined : await serveObjects(answer, berth.socketDirectory);
    berth.start();
    return omitUndefined({
      url,
      executorReason: berth.executorReason,
      warning: berth.warning,
      firstKey: berth.firstKey,
      projectName: berth.projectName,
      setupUrl: berth.setupUrl,
      async close() {
        // Clients that follow a log would keep the server open indefinitely.
        for (const one of [server, artifacts?.server, socket]) {
          if (one === undefined) continue;
          one.closeAllConnections();
          await closed(one);
        }
        await current.berth?.close();
      },
    });
  } catch (error) {
    await closed(server);
    if (artifacts?.server !== undefined) await closed(artifacts.server);
    throw error;
  }
}

/** Reads the address of the peer from Node's server. */
function peerOf(env: HttpBindings | Http2Bindings): string | undefined {
  return env.incoming.socket.remoteAddress;
}

/** Containers reach their job and their uploads by this socket, and nothing else of the server. */
async function serveObjects(
  answer: (request: Request) => Response | Promise<Response>,
  directory: string,
): Promise<Server> {
  const path = join(directory, 'berth.sock');
  await mkdir(directory, { recursive: true });
  await chmod(directory, 0o755);
  // Left by a server that was killed: this one has the lock of the data directory.
  await rm(path, { force: true });
  const server = createAdaptorServer({
    fetch: (request) =>
      new URL(request.url).pathname.startsWith('/objects/')
        ? answer(request)
        : new Response('Not found.\n', { status: 404 }),
  }) as Server; // As above.
  await new Promise<void>((resolve, reject) => {
    const refuse = (cause: unknown) =>
      reject(
        new BerthError('config_invalid', `Berth cannot listen at ${path}.`, {
          cause,
          hint: 'Set BERTH_DATA_DIR to a directory with a shorter path: a socket has 107 bytes for it, at most.',
        }),
      );
    server.once('error', refuse).listen(path, resolve);
  });
  // The runner is another user in its container; who may do what is for the signed URLs to say.
  await chmod(path, 0o666);
  return server;
}

/** Loopback reaches every interface; an IPv6 address is in brackets (RFC 3986, 3.2.2). */
function reachable(host: string): string {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1';
  return host.includes(':') ? `[${host}]` : host;
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()));
}
