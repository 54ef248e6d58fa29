import { BerthError } from '../../../core/model/errors.ts';
import type { Clock, Ids } from '../../../ports/clock.ts';
import type { Logger } from '../../../ports/logger.ts';
import type { People } from '../../../ports/people.ts';
import type { Store } from '../../../ports/store.ts';
import type { Caller } from '../caller.ts';
import { isChange } from '../refuse-forgery.ts';
import { sessionCookie, setCookieHeader } from '../session-cookie.ts';
import type { SessionTokens } from '../session-token.ts';
import {
  beginSession,
  endSession,
  type FoundSession,
  findSession,
  type SessionPass,
} from './person-sessions.ts';
import { cachedMs, type SeenProjects, seenProjects } from './seen-projects.ts';

export interface SignInDeps {
  readonly store: Pick<Store, 'sessions'>;
  readonly people: People;
  readonly tokens: SessionTokens;
  readonly publicUrl: string;
  readonly clock: Clock;
  readonly ids: Pick<Ids, 'secret'>;
  readonly log: Logger;
  readonly pause: (milliseconds: number) => Promise<void>;
}

/** Sign-in with GitHub: identifies people in requests, begins and ends their sessions. */
export interface SignIn {
  readonly people: People;
  /** @returns undefined if the session has ended, here or at GitHub. */
  callerOf(request: Request, secret: string): Promise<Caller | undefined>;
  /** Begins a session for a code of GitHub. @returns its `Set-Cookie`. */
  begin(request: Request, answer: Parameters<People['exchange']>[0]): Promise<string>;
  /** Does not fail if GitHub does: the session ends here in any case. */
  end(secret: string): Promise<void>;
}

export function signInWith(deps: SignInDeps): SignIn {
  const { people, tokens, publicUrl, log } = deps;
  const seenBy = seenProjects(deps);
  const cookieOf = (request: Request, { secret, expires }: SessionPass): string =>
    setCookieHeader(request, publicUrl, {
      name: sessionCookie,
      value: tokens.seal({ kind: 'person', secret, expires }),
      expires,
    });

  /** @returns undefined if GitHub does not take the token: it was taken back there, or the account is gone. */
  async function withAccess(
    found: FoundSession,
    secret: string,
    isToChange: boolean,
  ): Promise<(FoundSession & { seen: SeenProjects }) | undefined> {
    try {
      return { ...found, seen: await seenBy(found.accessToken, isToChange) };
    } catch (error) {
      if (!(error instanceof BerthError) || error.code !== 'unauthorized') throw error;
      // Another request may have renewed it in the meantime, which ended the token that was just shown.
      const again = await findSession(deps, secret);
      if (again !== undefined && again.accessToken !== found.accessToken) {
        return withAccess(again, secret, isToChange);
      }
      await deps.store.sessions.delete(found.session.id);
      return undefined;
    }
  }

  return {
    people,

    async callerOf(request, secret) {
      const found = await findSession(deps, secret);
      const known = found && (await withAccess(found, secret, isChange(request)));
      if (known === undefined) return undefined;
      const renewed = known.renewed ?? found?.renewed;
      return {
        ...personCaller(known, known.seen),
        validUntil: new Date(deps.clock.now().getTime() + cachedMs),
        ...(renewed === undefined ? {} : { setCookie: cookieOf(request, renewed) }),
      };
    },

    async begin(request, answer) {
      const userTokens = await people.exchange(answer);
      const person = await people.identify(userTokens.accessToken);
      const pass = await beginSession(deps, person, userTokens);
      log.info({ login: person.login, personId: person.id }, 'a person signed in with GitHub');
      return cookieOf(request, pass);
    },

    async end(secret) {
      try {
        await endSession(deps, secret);
      } catch (err) {
        log.warn({ err }, 'a session ended, but its token could not be revoked at GitHub');
      }
    },
  };
}

function personCaller({ session: { person } }: FoundSession, seen: SeenProjects): Caller {
  return {
    actor: person.login,
    rateKey: `person:${person.id}`,
    trigger: 'api',
    person,
    projects: [...seen.keys()],
    scopeIn: (id) => seen.get(id),
  };
}
