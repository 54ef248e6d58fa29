import type { Server } from 'node:http';
import { createAdaptorServer } from '@hono/node-server';
import { BerthError } from '../core/model/errors.ts';
import {
  type ArtifactOrigin,
  fixedArtifactOrigin,
  loopbackArtifactOrigin,
} from '../http/artifacts/artifact-origin.ts';
import type { Config } from './config/config.ts';
import { listen } from './listen.ts';

const loopback = '127.0.0.1';

/**
 * Opens the origin for artifacts: the configured one, or a second port on loopback for a server that people use on this
 * machine.
 *
 * @param url where the server itself listens.
 * @returns undefined if artifacts can only be downloaded.
 */
export async function serveArtifacts(
  answer: (request: Request) => Response | Promise<Response>,
  { artifactsUrl, artifactsPort, publicUrl }: Config,
  url: string,
): Promise<{ readonly origin: ArtifactOrigin; readonly server?: Server } | undefined> {
  if (artifactsUrl !== undefined) return { origin: fixedArtifactOrigin(artifactsUrl) };
  const { hostname } = new URL(publicUrl ?? url);
  if (![loopback, 'localhost', '[::1]'].includes(hostname)) return undefined;
  let origin: ArtifactOrigin | undefined;
  const server = createAdaptorServer({
    fetch: (request) =>
      // Nothing else is served at this port, whatever the host name.
      origin?.serves(request.headers.get('host') ?? '') === true
        ? answer(request)
        : new Response('Only artifacts are served here. (not_found)\n', { status: 404 }),
  }) as Server; // Without TLS options the adaptor makes a plain HTTP server.
  const next = Number(new URL(url).port) + 1;
  const port =
    artifactsPort === undefined
      ? await listenOnOrAfter(server, next)
      : await listen(server, { host: loopback, port: artifactsPort });
  origin = loopbackArtifactOrigin(port);
  return { origin, server };
}

/** Takes a free port if the wanted one is in use. */
async function listenOnOrAfter(server: Server, port: number): Promise<number> {
  try {
    return await listen(server, { host: loopback, port: port > 65_535 ? 0 : port });
  } catch (error) {
    if (!(error instanceof BerthError)) throw error;
    return listen(server, { host: loopback, port: 0 });
  }
}
