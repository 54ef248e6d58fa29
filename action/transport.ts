import { HttpClient } from '@actions/http-client';
import { fetch } from 'undici';
import type { Fetch } from '../app/client/call.ts';
import { omitUndefined } from '../app/lib/omit-undefined.ts';

const timeoutMs = 60_000;

/**
 * Sends requests through the proxy that the runner is set up with, as the toolkit does. Redirects are not followed: the
 * API key would go to wherever they point.
 */
export function createTransport(origin: string): Fetch {
  const dispatcher = new HttpClient('berth-action').getAgentDispatcher(origin);
  return async (request) => {
    const body = request.body === null ? undefined : await request.text();
    const response = await fetch(request.url, {
      method: request.method,
      headers: [...request.headers],
      redirect: 'manual',
      signal: AbortSignal.any([request.signal, AbortSignal.timeout(timeoutMs)]),
      ...omitUndefined({ body, dispatcher }),
    });
    return new Response(await response.arrayBuffer(), {
      status: response.status,
      headers: [...response.headers],
    });
  };
}
