/**
 * Tells whether a browser asks for a page, where the REST API has a route of the same address. Browsers send
 * `Sec-Fetch-Mode` to https and to localhost only; elsewhere `Accept` has to do.
 */
export function wantsPage(request: Request): boolean {
  if (request.method !== 'GET' || request.headers.has('x-api-key')) return false;
  const mode = request.headers.get('sec-fetch-mode');
  if (mode !== null) return mode === 'navigate';
  return (request.headers.get('accept') ?? '').includes('text/html');
}
