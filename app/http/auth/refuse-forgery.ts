import { BerthError } from '../../core/model/errors.ts';

/** A page of another origin cannot send this header without asking first, and is never allowed to. */
const sessionHeader = 'x-berth-session';

const safeMethods: readonly string[] = ['GET', 'HEAD', 'OPTIONS'];

/** Whether a request asks for a change. */
export function isChange(request: Request): boolean {
  return !safeMethods.includes(request.method);
}

/**
 * The browser sends a cookie no matter which page makes the request. So a change by session requires three things: the
 * header of the dashboard, for which other origins need permission; no sign of another page in `Sec-Fetch-Site`; and
 * Berth's own `Origin`, if the header is present (OWASP, Cross-Site Request Forgery Prevention).
 *
 * @throws BerthError `forbidden`.
 */
export function refuseForgery(request: Request, publicUrl: string): void {
  if (!isChange(request)) return;
  const site = request.headers.get('sec-fetch-site');
  const isOurs =
    request.headers.get(sessionHeader) === '1' &&
    (site === null || site === 'same-origin') &&
    isOwnOrigin(request, publicUrl);
  if (isOurs) return;
  throw new BerthError('forbidden', 'This change was not requested by the dashboard.', {
    hint: `Programs send X-API-Key; the dashboard sends ${sessionHeader}: 1.`,
  });
}

/** Compares host and port: a proxy may have removed the TLS, and then the scheme is unknown. */
function isOwnOrigin(request: Request, publicUrl: string): boolean {
  const origin = request.headers.get('origin');
  if (origin === null) return true;
  if (!URL.canParse(origin)) return false;
  const { host } = new URL(origin);
  const asked = request.headers.get('host') ?? new URL(request.url).host;
  return host === asked || host === new URL(publicUrl).host;
}
