import type { OpenAPIHono, RouteConfig } from '@hono/zod-openapi';
import type { Context } from 'hono';
import type { ProjectId } from '../core/model/ids.ts';
import type { Caller } from './auth/caller.ts';
import type { HttpDeps } from './http-deps.ts';
import type { HttpEnv } from './http-env.ts';
import type { SharedAnswers } from './shared-answers.ts';

/** The app that routes are added to, and their dependencies. */
export interface Api {
  readonly app: OpenAPIHono<HttpEnv>;
  readonly deps: HttpDeps;
  /** Describe the routes. Called only for the document, because it takes time and most starts need none. */
  readonly descriptions: (() => RouteConfig)[];
  /** Shares one answer that depends only on a project and the address. Call it after the access check. */
  readonly share: SharedAnswers;
  /** Identifies the caller. @throws BerthError `unauthorized`, `rate_limited`, `too_many_failures`. */
  readonly identify: (c: Context<HttpEnv>) => Promise<Caller>;
  /**
   * Whether the key or session of a request is still valid. Does not count as a request.
   *
   * @param project that it must still have access to.
   */
  readonly mayStillSee: (c: Context<HttpEnv>, project?: ProjectId) => Promise<boolean>;
  /**
   * Authenticates a request by a credential that could be guessed, and counts failures.
   *
   * @param shown the credential, if the same one may be used again.
   * @throws BerthError `too_many_failures`.
   */
  readonly verify: <Proof>(
    c: Context<HttpEnv>,
    shown: string | undefined,
    attempt: () => Promise<Proof>,
  ) => Promise<Proof>;
}

/** The description of all routes. */
export type OpenapiDocument = ReturnType<Api['app']['getOpenAPI31Document']>;
