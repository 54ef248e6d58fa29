import type { OpenAPIHono } from '@hono/zod-openapi';
import type { Context } from 'hono';
import type { Caller } from './auth/caller.ts';
import type { HttpDeps } from './http-deps.ts';
import type { HttpEnv } from './http-env.ts';
import type { SharedAnswers } from './shared-answers.ts';

/** What routes are added to. */
export interface Api {
  readonly app: OpenAPIHono<HttpEnv>;
  readonly deps: HttpDeps;
  /** Answers what follows from a project and the address alone, once it is settled that the caller may see it. */
  readonly share: SharedAnswers;
  /** Who makes this request. @throws BerthError `unauthorized`, `rate_limited`, `too_many_failures`. */
  readonly identify: (c: Context<HttpEnv>) => Promise<Caller>;
  /**
   * Proves who makes a request by something that could be guessed.
   *
   * @param shown what is shown, where the same may be shown again.
   * @throws BerthError `too_many_failures`.
   */
  readonly verify: <Proof>(
    c: Context<HttpEnv>,
    shown: string | undefined,
    attempt: () => Promise<Proof>,
  ) => Promise<Proof>;
}
