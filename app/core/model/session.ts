/** The person who signed in, as GitHub names them. */
export interface Person {
  /** Stays the same when the login changes. */
  readonly id: number;
  readonly login: string;
  readonly name?: string;
}

/**
 * The stored session of a person. Nothing in it lets a reader of the database act as that person: the ID is
 * a hash of what the browser has, and the tokens are encrypted with a key that only the browser has
 * (docs/decisions/, sessions).
 */
export interface Session {
  /** SHA-256 of the secret in the browser's cookie, in hexadecimal digits. */
  readonly id: string;
  readonly person: Person;
  readonly sealedTokens: string;
  /** When the person signed in; renewals do not move it. */
  readonly signedInAt: Date;
  /** When the tokens and the secret must be replaced. */
  readonly renewAt: Date;
  readonly expires: Date;
  /** Increases with every write. */
  readonly revision: number;
  /** One request is replacing it, and has until then. */
  readonly claimedUntil?: Date;
  /** It was replaced, and stays valid for a moment, for requests that were in progress. */
  readonly isReplaced: boolean;
}

/** A day without a request ends a session, */
const idleMs = 24 * 3600_000;
/** and a week ends it in any case. */
const longestMs = 7 * 24 * 3600_000;
/** The lifetime of a token of GitHub: https://docs.github.com/apps/creating-github-apps/authenticating-with-a-github-app/refreshing-user-access-tokens */
const renewMs = 8 * 3600_000;
/** Parallel requests continue with the old token while one of them fetches a new one. */
const earlierMs = 5 * 60_000;

/** When a new or renewed session expires, and when it must be renewed. */
export function sessionTimes(
  signedInAt: Date,
  now: Date,
  tokenExpires: Date | undefined,
): Pick<Session, 'expires' | 'renewAt'> {
  const expires = new Date(Math.min(now.getTime() + idleMs, signedInAt.getTime() + longestMs));
  const dies = tokenExpires?.getTime() ?? Number.POSITIVE_INFINITY;
  return { expires, renewAt: new Date(Math.min(now.getTime() + renewMs, dies - earlierMs)) };
}
