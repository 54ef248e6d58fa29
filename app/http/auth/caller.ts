import type { ProjectId } from '../../core/model/ids.ts';
import type { Scope } from '../../core/model/project.ts';
import type { Trigger } from '../../core/model/run.ts';
import type { Person } from '../../core/model/session.ts';

/** Who makes a request, however that was found out. */
export interface Caller {
  /** Shown as who started or cancelled a run: the name of a key, a login. Never a secret. */
  readonly actor: string;
  /** What counts the requests of one caller together. */
  readonly rateKey: string;
  /** How runs that this caller starts came about. */
  readonly trigger: Trigger['kind'];
  /** The project meant by requests that name none. */
  readonly home?: ProjectId;
  /** What the caller may do in every project; `admin` makes new ones too, and keys for all. */
  readonly scopeEverywhere?: Scope;
  /** All projects that the caller may see, where they are not all there are. */
  readonly projects?: readonly ProjectId[];
  /** Who signed in with GitHub; absent for programs and keys. */
  readonly person?: Person;
  /** A `Set-Cookie` that goes with the answer: the session was renewed. */
  readonly setCookie?: string;
  /** What is said of the caller is believed until then: an answer that goes on for longer ends, to be asked for again. */
  readonly validUntil?: Date;
  /** What the caller may do in a project; undefined where it must not even learn that there is one. */
  readonly scopeIn: (id: ProjectId) => Scope | undefined;
}

/**
 * One way to authenticate: an API key, a token of GitHub Actions, a session of the dashboard.
 *
 * One that reads cookies has to refuse by itself what another site's page may have sent: bodies are read as JSON
 * whatever their content type says, since clients of the older systems do not always name one.
 *
 * @returns undefined where the request carries nothing of this kind: the next one is asked.
 * @throws BerthError `unauthorized` where it does, and that proves nothing.
 */
export type Authenticator = (request: Request) => Promise<Caller | undefined>;
