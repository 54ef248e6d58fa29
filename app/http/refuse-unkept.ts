import type { MiddlewareHandler } from 'hono';
import { isChange } from './auth/refuse-forgery.ts';
import type { HttpDeps } from './http-deps.ts';
import type { HttpEnv } from './http-env.ts';
import { workflowErrors } from './routes/route-kinds.ts';

/** Refuses a request that would change something while nothing can be stored. */
export function refuseUnkept({ disk }: Pick<HttpDeps, 'disk'>): MiddlewareHandler<HttpEnv> {
  return async (c, next) => {
    const loss = isChange(c.req.raw) ? await disk?.loss() : undefined;
    if (loss !== undefined) {
      if (c.req.path.startsWith('/workflow')) c.set('errorStyle', workflowErrors);
      throw loss;
    }
    await next();
  };
}
