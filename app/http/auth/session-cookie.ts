import { parse, serialize } from 'hono/utils/cookie';

/** A cookie of the dashboard, and how long it is valid. */
export interface DashboardCookie {
  readonly name: string;
  readonly value: string;
  /** An expiration in 1970 removes the cookie. */
  readonly expires: Date;
}

export const sessionCookie = 'berth_session';
/** The state of a sign-in in progress, in the browser. */
export const signInCookie = 'berth_sign_in';

/**
 * A `Set-Cookie` that scripts cannot read and that other sites' requests do not carry. Lax and not Strict: a link from a
 * check run on GitHub to a report is such a request too, and changes are refused by other means (refuse-forgery.ts).
 *
 * With https the name begins with `__Host-`: then no other host of the domain, and no machine in between without https,
 * can replace the cookie (https://datatracker.ietf.org/doc/html/draft-ietf-httpbis-rfc6265bis, 4.1.3.2).
 */
export function setCookieHeader(
  request: Request,
  publicUrl: string,
  { name, value, expires }: DashboardCookie,
): string {
  const secure = isSecure(request, publicUrl);
  return serialize(secure ? `__Host-${name}` : name, value, {
    path: '/',
    httpOnly: true,
    sameSite: 'Lax',
    secure,
    expires,
  });
}

export function removedCookieHeader(request: Request, publicUrl: string, name: string): string {
  return setCookieHeader(request, publicUrl, { name, value: '', expires: new Date(0) });
}

/** Reads a cookie; if it would be set with `__Host-`, no other name is accepted. */
export function readCookie(request: Request, publicUrl: string, name: string): string | undefined {
  const full = isSecure(request, publicUrl) ? `__Host-${name}` : name;
  return parse(request.headers.get('cookie') ?? '', full)[full];
}

/** Whether the browser used https, even if a proxy terminates TLS. */
export function isSecure(request: Request, publicUrl: string): boolean {
  const url = new URL(request.url);
  if (url.protocol === 'https:') return true;
  // With several proxies, the first entry is the scheme that the browser used.
  if (/^https\s*(,|$)/.test(request.headers.get('x-forwarded-proto') ?? '')) return true;
  const shown = new URL(publicUrl);
  return shown.protocol === 'https:' && shown.host === (request.headers.get('host') ?? url.host);
}
