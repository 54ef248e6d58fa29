import { parse } from 'hono/utils/cookie';
import { BerthError } from '../../domain/errors.ts';
import type { Store } from '../../ports/store.ts';
import { callerOf } from '../authenticate-key.ts';
import type { Authenticator } from '../caller.ts';
import type { SessionTokens } from './session-token.ts';

export const sessionCookie = 'berth_session';
/** A page of another origin cannot send this header without asking first, and is never allowed to. */
export const sessionHeader = 'x-berth-session';

const safeMethods = ['GET', 'HEAD', 'OPTIONS'];

/** Knows callers by the cookie of a signed-in dashboard. */
export function authenticateSession(deps: {
  tokens: SessionTokens;
  store: Pick<Store, 'projects'>;
}): Authenticator {
  return async (request) => {
    const token = parse(request.headers.get('cookie') ?? '', sessionCookie)[sessionCookie];
    const session = token === undefined ? undefined : deps.tokens.open(token);
    if (session === undefined) return undefined;
    refuseForgery(request);
    const key = await deps.store.projects.findKey(session.keyHash);
    return key === undefined || key.revoked !== undefined ? undefined : callerOf(key);
  };
}

/**
 * The cookie is sent by the browser, whoever's page asks for it: SameSite=Strict keeps other sites out, and this keeps
 * out other origins of the same site (OWASP, Cross-Site Request Forgery Prevention).
 *
 * @throws BerthError `forbidden`.
 */
function refuseForgery(request: Request): void {
  if (safeMethods.includes(request.method)) return;
  const site = request.headers.get('sec-fetch-site');
  if (request.headers.get(sessionHeader) === '1' && (site === null || site === 'same-origin')) return;
  throw new BerthError('forbidden', 'This change was not asked for by the dashboard itself.', {
    hint: `Programs send X-API-Key; the dashboard sends ${sessionHeader}: 1.`,
  });
}
