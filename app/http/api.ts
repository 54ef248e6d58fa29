import type { OpenAPIHono } from '@hono/zod-openapi';
import type { Context } from 'hono';
import type { Caller } from './caller.ts';
import type { HttpDeps } from './http-deps.ts';
import type { HttpEnv } from './http-env.ts';

/** What routes are added to. */
export interface Api {
  readonly app: OpenAPIHono<HttpEnv>;
  readonly deps: HttpDeps;
  /** Who makes this request. @throws BerthError `unauthorized`, `rate_limited`. */
  readonly identify: (c: Context<HttpEnv>) => Promise<Caller>;
}
