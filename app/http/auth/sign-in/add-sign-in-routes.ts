import { createHash, timingSafeEqual } from 'node:crypto';
import type { Context } from 'hono';
import { signedInPath } from '../../../core/model/app-manifest.ts';
import { BerthError, type ErrorCode } from '../../../core/model/errors.ts';
import type { Api } from '../../api.ts';
import type { HttpEnv } from '../../http-env.ts';
import { TooManyFailures } from '../auth-failure-limiter.ts';
import {
  readCookie,
  removedCookieHeader,
  sessionCookie,
  setCookieHeader,
  signInCookie,
} from '../session-cookie.ts';
import type { SessionTokens } from '../session-token.ts';
import { returnPath } from './return-path.ts';
import type { SignIn } from './sign-in.ts';

/** GitHub's codes live as long: https://docs.github.com/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps */
const signInMs = 10 * 60_000;
const stateBytes = 32;

/**
 * The way to GitHub and back: the web flow with a state that is bound to the browser, and PKCE. A person
 * returns to a page, so a page shows errors instead of JSON.
 */
export function addSignInRoutes(api: Api, tokens: SessionTokens, signIn: SignIn): void {
  const { app, deps } = api;
  const { publicUrl } = deps;
  const redirectUrl = `${publicUrl}${signedInPath}`;

  app.get('/session/github', async (c) => {
    const returnTo = returnPath(c.req.query('return_to'));
    // The cookie must be at the address to which GitHub returns people, which may be one of several. Redirect only once,
    // because a proxy may always use another name for this server.
    if (!isAt(c.req.raw, publicUrl) && c.req.query('moved') === undefined) {
      return c.redirect(`${publicUrl}/session/github?moved=1&return_to=${encodeURIComponent(returnTo)}`);
    }
    const state = deps.ids.secret(stateBytes);
    const codeVerifier = deps.ids.secret(stateBytes);
    const expires = new Date(deps.clock.now().getTime() + signInMs);
    const value = await tokens.sealSignIn({ state, codeVerifier, returnTo }, expires);
    addCookie(c, setCookieHeader(c.req.raw, publicUrl, { name: signInCookie, value, expires }));
    return c.redirect(
      await signIn.people.authorizeUrl({ state, codeChallenge: challengeOf(codeVerifier), redirectUrl }),
    );
  });

  app.get(signedInPath, async (c) => {
    // Valid for one return, whatever its result.
    addCookie(c, removedCookieHeader(c.req.raw, publicUrl, signInCookie));
    try {
      const { codeVerifier, returnTo } = await comingBack(c, tokens, publicUrl);
      const code = codeOf(c);
      // Each code is a call to GitHub.
      const cookie = await api.verify(c, undefined, () =>
        signIn.begin(c.req.raw, { code, codeVerifier, redirectUrl }),
      );
      await endTheOneBefore(c, tokens, signIn, publicUrl);
      addCookie(c, cookie);
      return c.redirect(returnTo, 303);
    } catch (error) {
      if (!(error instanceof BerthError) || error instanceof TooManyFailures) throw error;
      deps.log.warn({ err: error, cause: String(error.cause) }, 'a sign-in with GitHub failed');
      return c.redirect(`/?sign_in=${pageCode(error.code)}`, 303);
    }
  });
}

/** @throws BerthError `sign_in_expired` if this browser did not start a sign-in with this state a short time ago. */
async function comingBack(c: Context<HttpEnv>, tokens: SessionTokens, publicUrl: string) {
  const cookie = readCookie(c.req.raw, publicUrl, signInCookie);
  const claim = cookie === undefined ? undefined : await tokens.openSignIn(cookie);
  if (claim !== undefined && sameText(claim.state, c.req.query('state') ?? '')) return claim;
  throw new BerthError('sign_in_expired', 'This browser did not start this sign-in, or it has expired.', {
    hint: 'Sign in again.',
  });
}

function codeOf(c: Context<HttpEnv>): string {
  const code = c.req.query('code');
  if (code !== undefined && /^[\w.-]{1,200}$/.test(code)) return code;
  const isDenied = c.req.query('error') === 'access_denied';
  throw new BerthError(isDenied ? 'sign_in_denied' : 'sign_in_failed', 'GitHub did not return a code.', {
    hint: 'Sign in again.',
    cause: (c.req.query('error') ?? '').slice(0, 100),
  });
}

/** Ends the previous session of this browser, which has no further use. */
async function endTheOneBefore(
  c: Context<HttpEnv>,
  tokens: SessionTokens,
  signIn: SignIn,
  publicUrl: string,
): Promise<void> {
  const token = readCookie(c.req.raw, publicUrl, sessionCookie);
  const claim = token === undefined ? undefined : tokens.open(token);
  if (claim?.kind === 'person') await signIn.end(claim.secret);
}

/** The page explains these. */
function pageCode(code: ErrorCode): ErrorCode {
  const known: readonly ErrorCode[] = ['sign_in_expired', 'sign_in_denied', 'github_unavailable'];
  return known.includes(code) ? code : 'sign_in_failed';
}

function isAt(request: Request, publicUrl: string): boolean {
  const asked = request.headers.get('host') ?? new URL(request.url).host;
  return asked === new URL(publicUrl).host;
}

function challengeOf(codeVerifier: string): string {
  return createHash('sha256').update(codeVerifier).digest('base64url');
}

function sameText(one: string, other: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(one), digest(other));
}

function addCookie(c: Context<HttpEnv>, cookie: string): void {
  c.header('Set-Cookie', cookie, { append: true });
}
