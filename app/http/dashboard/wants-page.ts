/**
 * Tells whether a browser requests a page at an address that the REST API also has. Browsers send
 * `Sec-Fetch-Mode` only to https and to localhost; otherwise `Accept` decides.
 */
export function wantsPage(request: Request): boolean {
  if (request.method !== 'GET' || request.headers.has('x-api-key')) return false;
  const mode = request.headers.get('sec-fetch-mode');
  if (mode !== null) return mode === 'navigate';
  return (request.headers.get('accept') ?? '').includes('text/html');
}
