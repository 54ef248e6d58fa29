import { BerthError } from '../../core/model/errors.ts';
import type { Store } from '../../ports/store.ts';
import { callerOf } from './authenticate-key.ts';
import type { Authenticator, Caller } from './caller.ts';
import { refuseForgery } from './refuse-forgery.ts';
import { readCookie, sessionCookie } from './session-cookie.ts';
import type { SessionTokens } from './session-token.ts';
import type { SignIn } from './sign-in/sign-in.ts';

export interface SessionAuthentication {
  readonly tokens: SessionTokens;
  readonly store: Pick<Store, 'projects'>;
  readonly publicUrl: string;
  /** If omitted, sign-in with GitHub is off. */
  readonly signIn?: SignIn;
}

/** Authenticates callers by the cookie of the dashboard: of an API key, or of a person who signed in with GitHub. */
export function authenticateSession(deps: SessionAuthentication): Authenticator {
  return async (request) => {
    const token = readCookie(request, deps.publicUrl, sessionCookie);
    const claim = token === undefined ? undefined : deps.tokens.open(token);
    if (claim === undefined) return undefined;
    refuseForgery(request, deps.publicUrl);
    if (claim.kind === 'person') return (await deps.signIn?.callerOf(request, claim.secret)) ?? ended();
    const key = await deps.store.projects.findKey(claim.keyHash);
    return key === undefined || key.revoked !== undefined ? ended() : callerOf(key);
  };
}

function ended(): Caller {
  throw new BerthError('unauthorized', 'Your session has ended.', { hint: 'Sign in again.' });
}
