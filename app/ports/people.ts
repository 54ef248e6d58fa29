import type { Person } from '../core/model/session.ts';

/** The tokens that GitHub issues for the code from a person's browser: Berth may act as them, within the App's bounds. */
export interface UserTokens {
  readonly accessToken: string;
  /** If omitted, it lives until it is revoked. */
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
 * Every call @throws BerthError `github_unavailable` if GitHub does not answer, and those with a token
 * `unauthorized` where GitHub does not take it (any more).
 */
export interface People {
  /** Where a browser is sent to sign in. */
  authorizeUrl(request: { state: string; codeChallenge: string; redirectUrl: string }): Promise<string>;
  /** @throws BerthError `sign_in_failed` where GitHub does not take the code. */
  exchange(answer: { code: string; codeVerifier: string; redirectUrl: string }): Promise<UserTokens>;
  refresh(refreshToken: string): Promise<UserTokens>;
  /** Revokes the token. Revoking it again is not an error. */
  revoke(accessToken: string): Promise<void>;
  identify(accessToken: string): Promise<Person>;
  /** Lists the repositories that the person has explicit access to, without public ones. */
  repositoriesOf(accessToken: string): Promise<readonly SeenRepository[]>;
}
