import { z } from '@hono/zod-openapi';
import { addEndpoint } from '../add-endpoint.ts';
import type { Api } from '../api.ts';
import { publicAccess } from '../auth/access.ts';
import { jsonAnswer } from '../describe-endpoint.ts';

/** Whether the process lives, and whether it can serve. */
export function addHealthRoutes(api: Api): void {
  addEndpoint(
    api,
    {
      id: 'getHealth',
      method: 'get',
      path: '/healthz',
      tag: 'Server',
      summary: 'Whether the process lives',
      access: publicAccess,
      responses: jsonAnswer(200, 'It does.', z.object({ status: z.literal('ok'), version: z.string() })),
    },
    (c) => c.json({ status: 'ok' as const, version: api.deps.version }),
  );
  addEndpoint(
    api,
    {
      id: 'getReadiness',
      method: 'get',
      path: '/readyz',
      tag: 'Server',
      summary: 'Whether it can serve',
      access: publicAccess,
      responses: {
        ...jsonAnswer(200, 'It can.', z.object({ status: z.literal('ready') })),
        ...jsonAnswer(503, 'The store cannot be reached.', z.object({ status: z.literal('unavailable') })),
      },
    },
    async (c) => {
      try {
        await api.deps.store.ping();
        return c.json({ status: 'ready' as const });
      } catch (error) {
        api.deps.log.warn({ err: error }, 'not ready: the store cannot be reached');
        return c.json({ status: 'unavailable' as const }, 503);
      }
    },
  );
}
