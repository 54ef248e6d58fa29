import { BerthError } from '../../../core/model/errors.ts';
import { type Person, type Session, sessionTimes } from '../../../core/model/session.ts';
import { isWaiting } from '../../../lib/later.ts';
import type { Clock, Ids } from '../../../ports/clock.ts';
import type { People, UserTokens } from '../../../ports/people.ts';
import type { Store } from '../../../ports/store.ts';
import { openTokens, sealTokens, sessionIdOf } from './token-seal.ts';

export interface SessionDeps {
  readonly store: Pick<Store, 'sessions'>;
  readonly people: Pick<People, 'refresh' | 'revoke'>;
  readonly clock: Clock;
  readonly ids: Pick<Ids, 'secret'>;
  /** Resolves after a while. */
  readonly pause: (milliseconds: number) => Promise<void>;
}

/** The cookie value of a signed-in browser. */
export interface SessionPass {
  readonly secret: string;
  readonly expires: Date;
}

/** A person with a valid session. */
export interface FoundSession {
  readonly session: Session;
  readonly accessToken: string;
  /** The session was renewed: from now on the browser must send this cookie. */
  readonly renewed?: SessionPass;
}

const secretBytes = 32;
/** How long one request may take to renew a session before another may try. GitHub answers within ten seconds, or not. */
const claimMs = 30_000;
/** How long requests in progress may use a replaced session. */
const graceMs = 60_000;
/** When to retry a renewal that failed because of GitHub; at the latest when the token expires. */
const againMs = 60_000;
const waitMs = 200;
const longestWaits = 25;

/** Begins the session of a person who has just signed in: always with a new secret, whatever the browser had before. */
export async function beginSession(
  deps: SessionDeps,
  person: Person,
  tokens: UserTokens,
  signedInAt = deps.clock.now(),
): Promise<SessionPass> {
  const secret = deps.ids.secret(secretBytes);
  const session: Session = {
    id: sessionIdOf(secret),
    person,
    sealedTokens: await sealTokens(tokens, secret),
    signedInAt,
    ...sessionTimes(signedInAt, deps.clock.now(), tokens.expires),
    revision: 0,
    isReplaced: false,
  };
  if (!(await deps.store.sessions.create(session))) throw new Error('a new session had the ID of an old one');
  return { secret, expires: session.expires };
}

/**
 * Returns the session of a secret, and renews it if it is time.
 *
 * @returns undefined if there is no session, or it has ended.
 * @throws BerthError `github_unavailable` if it must be renewed and cannot be now.
 */
export async function findSession(deps: SessionDeps, secret: string): Promise<FoundSession | undefined> {
  const id = sessionIdOf(secret);
  for (let waits = 0; ; waits += 1) {
    const session = await deps.store.sessions.get(id);
    const now = deps.clock.now();
    if (session === undefined) return undefined;
    if (session.expires <= now) {
      // The embedded database does not expire items by itself.
      await deps.store.sessions.delete(id);
      return undefined;
    }
    const tokens = await openTokens(session.sealedTokens, secret);
    const isAlive = tokens.expires === undefined || tokens.expires > now;
    if (session.isReplaced) return isAlive ? { session, accessToken: tokens.accessToken } : undefined;
    if (session.renewAt > now) return { session, accessToken: tokens.accessToken };

    const claimed = await claim(deps, session, now);
    if (claimed !== undefined) return renew(deps, claimed, tokens, secret, isAlive);
    // The renewal in progress ends the old token, not the clock: wait for the new one.
    if (waits === longestWaits && isAlive) return { session, accessToken: tokens.accessToken };
    if (waits === longestWaits) throw stillRenewing();
    await deps.pause(waitMs);
  }
}

/** A token can be refreshed once, so one of the parallel requests does it. */
async function claim(deps: SessionDeps, session: Session, now: Date): Promise<Session | undefined> {
  const { claimedUntil } = session;
  if (claimedUntil !== undefined && isWaiting(claimedUntil, now, claimMs / 1000)) return undefined;
  const claimed = { ...session, claimedUntil: new Date(now.getTime() + claimMs) };
  const isOurs = await deps.store.sessions.save(claimed);
  return isOurs ? { ...claimed, revision: session.revision + 1 } : undefined;
}

async function renew(
  deps: SessionDeps,
  session: Session,
  old: UserTokens,
  secret: string,
  isAlive: boolean,
): Promise<FoundSession | undefined> {
  const tokens = await refreshed(deps, session, old, isAlive);
  if (tokens === 'gone') return undefined;
  if (tokens === 'later') return { session, accessToken: old.accessToken };
  const renewed = await beginSession(deps, session.person, tokens, session.signedInAt);
  const { claimedUntil: _, ...replaced } = session;
  const { refreshToken: __, ...usable } = tokens;
  // Requests in progress with the old secret continue with the new token, and no new request may use it.
  const isKept = await deps.store.sessions.save({
    ...replaced,
    sealedTokens: await sealTokens(usable, secret),
    isReplaced: true,
    expires: new Date(deps.clock.now().getTime() + graceMs),
  });
  if (isKept) return { session, accessToken: tokens.accessToken, renewed };
  // The person signed out in the meantime, which takes precedence.
  await endSession(deps, renewed.secret);
  return undefined;
}

async function refreshed(
  deps: SessionDeps,
  session: Session,
  old: UserTokens,
  isAlive: boolean,
): Promise<UserTokens | 'gone' | 'later'> {
  if (old.refreshToken === undefined) return isAlive ? old : 'gone';
  try {
    return await deps.people.refresh(old.refreshToken);
  } catch (error) {
    if (!(error instanceof BerthError)) throw error;
    if (error.code === 'unauthorized') {
      await deps.store.sessions.delete(session.id);
      return 'gone';
    }
    await postpone(deps, session, old);
    if (isAlive) return 'later';
    throw error;
  }
}

/** GitHub is unavailable: no request waits for this renewal, and a later one tries again. */
async function postpone(deps: SessionDeps, session: Session, { expires }: UserTokens): Promise<void> {
  const { claimedUntil: _, ...unclaimed } = session;
  const soon = deps.clock.now().getTime() + againMs;
  const renewAt = new Date(Math.min(soon, expires?.getTime() ?? soon));
  await deps.store.sessions.save({ ...unclaimed, renewAt });
}

/** Ends a session and revokes its token at GitHub, so that a copy of the cookie has no value. */
export async function endSession(deps: SessionDeps, secret: string): Promise<void> {
  const id = sessionIdOf(secret);
  const session = await deps.store.sessions.get(id);
  if (session === undefined) return;
  await deps.store.sessions.delete(id);
  const { accessToken } = await openTokens(session.sealedTokens, secret);
  await deps.people.revoke(accessToken);
}

function stillRenewing(): BerthError {
  return new BerthError(
    'github_unavailable',
    'Your sign-in is being renewed, and GitHub has not answered yet.',
    {
      hint: 'Try again in a minute.',
    },
  );
}
