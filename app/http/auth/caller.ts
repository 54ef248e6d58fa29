import type { ProjectId } from '../../core/model/ids.ts';
import type { Scope } from '../../core/model/project.ts';
import type { Trigger } from '../../core/model/run.ts';
import type { Person } from '../../core/model/session.ts';

/** The caller of a request, however it was authenticated. */
export interface Caller {
  /** Shown as the person or key that started or cancelled a run. Never a secret. */
  readonly actor: string;
  /** The key that rate limits count by. */
  readonly rateKey: string;
  /** The trigger of runs that this caller starts. */
  readonly trigger: Trigger['kind'];
  /** The project of requests that name none. */
  readonly home?: ProjectId;
  /** The scope of the caller in every project; `admin` also creates projects, and keys for all. */
  readonly scopeEverywhere?: Scope;
  /** The projects that the caller may see, if not all. */
  readonly projects?: readonly ProjectId[];
  /** The person who signed in with GitHub. If omitted, the caller is a program or a key. */
  readonly person?: Person;
  /** A `Set-Cookie` that goes with the answer: the session was renewed. */
  readonly setCookie?: string;
  /** Until when the access of the caller is valid: a longer response ends, and the client requests it again. */
  readonly validUntil?: Date;
  /** Returns the scope of the caller in a project; undefined if it must not learn that the project exists. */
  readonly scopeIn: (id: ProjectId) => Scope | undefined;
}

/**
 * One way to authenticate: an API key, a token of GitHub Actions, a session of the dashboard.
 *
 * An authenticator that reads cookies must itself refuse requests from pages of other sites: bodies are read as JSON
 * whatever their content type says, since clients of the older systems do not always name one.
 *
 * @returns undefined if the request has no credential of this kind: the next authenticator is tried.
 * @throws BerthError `unauthorized` if it does, and they are not valid.
 */
export type Authenticator = (request: Request) => Promise<Caller | undefined>;
