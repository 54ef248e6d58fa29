import type { Person } from '../core/model/session.ts';

/** What a person's browser came back with is exchanged for: they let Berth act as them, within the App's bounds. */
export interface UserTokens {
  readonly accessToken: string;
  /** Absent: it lives until it is revoked. */
  readonly expires?: Date;
  /** Good for one use; absent where the token does not expire. */
  readonly refreshToken?: string;
}

/** A repository that a person may look at, and that the App is installed on. */
export interface SeenRepository {
  readonly repositoryId: number;
  readonly mayWrite: boolean;
}

/**
 * People, as GitHub knows them.
 *
 * Every call @throws BerthError `github_unavailable` where GitHub cannot be asked now, and those with a token
 * `unauthorized` where GitHub does not take it (any more).
 */
export interface People {
  /** Where a browser is sent to sign in. */
  authorizeUrl(request: { state: string; codeChallenge: string; redirectUrl: string }): Promise<string>;
  /** @throws BerthError `sign_in_failed` where GitHub does not take the code. */
  exchange(answer: { code: string; codeVerifier: string; redirectUrl: string }): Promise<UserTokens>;
  refresh(refreshToken: string): Promise<UserTokens>;
  /** From now on nobody can use the token. No error where nobody could before. */
  revoke(accessToken: string): Promise<void>;
  whoIs(accessToken: string): Promise<Person>;
  /** All that the person has been given access to; not what is public on GitHub. */
  repositoriesOf(accessToken: string): Promise<readonly SeenRepository[]>;
}
