export type Call = (method: string, path: string, body?: object) => Promise<Response>;

/** Calls the API of a server in this process. */
export const callTo =
  ({ url }: { readonly url: string }, apiKey: string): Call =>
  (method, path, body) =>
    fetch(`${url}${path}`, {
      method,
      headers: { 'X-API-Key': apiKey, 'content-type': 'application/json' },
      ...(body && { body: JSON.stringify(body) }),
    });
