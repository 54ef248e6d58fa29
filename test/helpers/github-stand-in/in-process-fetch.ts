import type { Hono } from 'hono';

/**
 * @returns a `fetch` that calls an app in this process. Over a connection most of the time of a test of the App is
 *   the connection's; the system suites have real ones.
 */
export function inProcessFetch(app: Pick<Hono, 'fetch'>): typeof fetch {
  return async (input, init) => {
    let isBroken = false;
    const socket = {
      destroy() {
        isBroken = true;
      },
    };
    const request = new Request(input, init);
    const response = await app.fetch(request, { incoming: { socket } });
    if (isBroken) throw new TypeError('fetch failed', { cause: new Error('the connection broke') });
    // Octokit pages through lists by it.
    return Object.defineProperty(response, 'url', { value: request.url });
  };
}
