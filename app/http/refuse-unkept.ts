import type { MiddlewareHandler } from 'hono';
import type { HttpDeps } from './http-deps.ts';
import type { HttpEnv } from './http-env.ts';
import { workflowErrors } from './schemas/workflow-route.ts';

const reads: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Refuses a request that would change something while nothing can be kept. */
export function refuseUnkept({ disk }: Pick<HttpDeps, 'disk'>): MiddlewareHandler<HttpEnv> {
  return async (c, next) => {
    const loss = reads.has(c.req.method) ? undefined : await disk?.loss();
    if (loss !== undefined) {
      if (c.req.path.startsWith('/workflow')) c.set('errorStyle', workflowErrors);
      throw loss;
    }
    await next();
  };
}
