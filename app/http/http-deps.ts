import type { Context } from 'hono';
import type { Deps } from '../core/deps.ts';
import type { CloneRules } from '../core/model/clone-url.ts';
import type { RunId } from '../core/model/ids.ts';
import type { ChangeSignal } from '../lib/change-signal.ts';
import type { ObjectGrant } from '../ports/objects.ts';
import type { ArtifactViewer } from './artifacts/artifact-tokens.ts';
import type { Authenticator } from './auth/caller.ts';
import type { RateLimit } from './auth/rate-limit.ts';
import type { Dashboard } from './dashboard/dashboard-deps.ts';
import { smallBytes } from './read-body.ts';

/** The access that a signed object URL grants. */
export type GrantedAccess = Pick<ObjectGrant, 'key' | 'method' | 'maxBytes' | 'contentType'>;

/** Serves objects from this process, if there is no S3. */
export interface ObjectServer {
  /**
   * Checks which access the URL of a request grants.
   *
   * @param request.path percent-encoded, as in the URL.
   * @throws BerthError `signature_invalid`.
   */
  verify(request: { method: string; path: string; query: URLSearchParams }): GrantedAccess;
  /** Stores a body as it arrives. @throws BerthError `body_too_large` past `maxBytes`; nothing is stored then. */
  putStream(
    key: string,
    body: ReadableStream<Uint8Array>,
    contentType: string,
    maxBytes?: number,
  ): Promise<void>;
  /** Called after an object was written, so that its run can be reconciled. */
  onWritten(key: string): void;
}

export interface HttpLimits {
  /** Limit of a JSON body. */
  readonly maxBodyBytes: number;
  readonly rate: RateLimit;
  /** The limit of failed authentication attempts from one network address. */
  readonly failures: RateLimit;
  /** The interval at which a followed log is read. */
  readonly followEveryMilliseconds: number;
  /**
   * If set, responses are sent whole and may not be larger, as in a Lambda function. A client that follows a log gets the
   * lines so far and reconnects; larger files are served from the bucket.
   */
  readonly wholeAnswers?: { readonly maxBytes: number };
}

export const httpLimits: HttpLimits = {
  // JSON never takes from the budget that webhooks need.
  maxBodyBytes: smallBytes,
  rate: { burst: 1000, perMinute: 6000 },
  failures: { burst: 30, perMinute: 10 },
  followEveryMilliseconds: 500,
};

/** The dependencies of the HTTP layer, assembled by the composition root. */
export interface HttpDeps extends Deps {
  /** The version of Berth in `package.json`. */
  readonly version: string;
  /** The address of this API from outside, without a trailing slash; links in responses start with it. */
  readonly publicUrl: string;
  /** Tried in this order, after the API key. */
  readonly authenticators: readonly Authenticator[];
  /**
   * Waits a moment for a new run: resolves when it was launched, or waits for another reason, or after about a
   * second. Never rejects.
   */
  readonly waitForLaunch: (id: RunId) => Promise<void>;
  /** Resolves after a while. */
  readonly pause: (milliseconds: number) => Promise<void>;
  readonly cloneRules: Omit<CloneRules, 'allowedHosts'>;
  /** The host of the projects' repositories, from which they may always clone. */
  readonly githubHost: string;
  readonly limits: HttpLimits;
  /** The address to count failures by; if omitted, all requests count together. */
  readonly addressOf?: (c: Context) => string;
  /** If omitted, S3 serves the objects. */
  readonly objectServer?: ObjectServer;
  /** Announces changes to pages. If omitted, they poll. */
  readonly changes?: Pick<ChangeSignal, 'next' | 'version'>;
  /** Opens artifacts in the browser. If omitted, they can only be downloaded. */
  readonly artifacts?: ArtifactViewer;
  /** If omitted, no dashboard is served. */
  readonly dashboard?: Dashboard;
}
