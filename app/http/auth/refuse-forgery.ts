import { BerthError } from '../../core/model/errors.ts';

/** A page of another origin cannot send this header without asking first, and is never allowed to. */
const sessionHeader = 'x-berth-session';

const safeMethods: readonly string[] = ['GET', 'HEAD', 'OPTIONS'];

/** True where a request asks for a change. */
export function isChange(request: Request): boolean {
  return !safeMethods.includes(request.method);
}

/**
 * A cookie is sent by the browser, whoever's page asks for it. So a change by session wants three things: the header of
 * the dashboard, which makes other origins ask first; no word of the browser that another page asked (`Sec-Fetch-Site`);
 * and an `Origin`, where there is one, that is ours (OWASP, Cross-Site Request Forgery Prevention).
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
  throw new BerthError('forbidden', 'This change was not asked for by the dashboard itself.', {
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
