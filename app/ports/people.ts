import type { Person } from '../core/model/session.ts';

/** Tokens with which Berth acts as a person, within the permissions of the App. */
export interface UserTokens {
  readonly accessToken: string;
  /** If omitted, it lives until it is revoked. */
  readonly expires?: Date;
  /** Valid for one use. If omitted, the token does not expire. */
  readonly refreshToken?: string;
}

/** A repository that a person may look at, and that the App is installed on. */
export interface SeenRepository {
  readonly repositoryId: number;
  readonly mayWrite: boolean;
}

/**
 * Sign-in with GitHub.
 *
 * Every call @throws BerthError `github_unavailable` if GitHub does not answer, and those with a token
 * `unauthorized` if GitHub does not accept it.
 */
export interface People {
  /** The URL at which a browser signs in. */
  authorizeUrl(request: { state: string; codeChallenge: string; redirectUrl: string }): Promise<string>;
  /** @throws BerthError `sign_in_failed` if GitHub does not accept the code. */
  exchange(answer: { code: string; codeVerifier: string; redirectUrl: string }): Promise<UserTokens>;
  refresh(refreshToken: string): Promise<UserTokens>;
  /** Revokes the token. Revoking it again is not an error. */
  revoke(accessToken: string): Promise<void>;
  identify(accessToken: string): Promise<Person>;
  /** Lists the repositories that the person has explicit access to, without public ones. */
  repositoriesOf(accessToken: string): Promise<readonly SeenRepository[]>;
}
