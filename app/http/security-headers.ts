import type { MiddlewareHandler } from 'hono';
import { isSecure } from './auth/session-cookie.ts';
import type { HttpEnv } from './http-env.ts';

/**
 * The headers of every response unless its route sets others: data is never a page, never framed, never readable by
 * another origin, and never cached.
 *
 * @see https://cheatsheetseries.owasp.org/cheatsheets/REST_Security_Cheat_Sheet.html#security-headers
 */
const always: Readonly<Record<string, string>> = {
  'Cache-Control': 'no-store',
  'Content-Security-Policy':
    "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Resource-Policy': 'same-origin',
};

const oneYear = 'max-age=31536000';

/** Headers of every answer, errors included; those that a route has set stay. */
export function securityHeaders(publicUrl: string): MiddlewareHandler<HttpEnv> {
  return async (c, next) => {
    await next();
    const { headers } = c.res;
    for (const [name, value] of Object.entries(always)) if (!headers.has(name)) headers.set(name, value);
    // For browsers that do not know frame-ancestors; reports may be framed by ourselves.
    const framed = headers.get('Content-Security-Policy')?.includes("frame-ancestors 'self'") === true;
    headers.set('X-Frame-Options', framed ? 'SAMEORIGIN' : 'DENY');
    if (isSecure(c.req.raw, publicUrl)) headers.set('Strict-Transport-Security', oneYear);
  };
}
