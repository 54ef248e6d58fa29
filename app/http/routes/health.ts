import { z } from '@hono/zod-openapi';
import { BerthError } from '../../core/model/errors.ts';
import { addEndpoint } from '../add-endpoint.ts';
import type { Api } from '../api.ts';
import { publicAccess } from '../auth/access.ts';
import { jsonAnswer } from '../describe-endpoint.ts';

/** Adds the routes for liveness and readiness. */
export function addHealthRoutes(api: Api): void {
  addEndpoint(
    api,
    {
      id: 'getHealth',
      method: 'get',
      path: '/healthz',
      tag: 'Server',
      summary: 'Check that the process runs',
      access: publicAccess,
      responses: jsonAnswer(
        200,
        'The process is running.',
        z.object({ status: z.literal('ok'), version: z.string() }).openapi('Health'),
      ),
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
      summary: 'Check that the server is ready',
      access: publicAccess,
      responses: {
        ...jsonAnswer(
          200,
          'The server can accept runs.',
          z.object({ status: z.literal('ready') }).openapi('Readiness'),
        ),
        ...jsonAnswer(
          503,
          'The server cannot accept runs: the store cannot be reached, the disk is full, or the data directory is gone.',
          z
            .object({ status: z.literal('unavailable'), code: z.string(), message: z.string() })
            .openapi('Unavailability'),
        ),
      },
    },
    async (c) => {
      const problem = (await api.deps.disk?.problem()) ?? (await storeProblem(api));
      if (problem === undefined) return c.json({ status: 'ready' as const });
      api.deps.log.warn({ err: problem }, 'not ready');
      return c.json({ status: 'unavailable' as const, code: problem.code, message: problem.message }, 503);
    },
  );
}

async function storeProblem({ deps }: Api): Promise<BerthError | undefined> {
  try {
    await deps.store.ping();
    return undefined;
  } catch (cause) {
    return new BerthError('internal', 'The store cannot be reached.', { cause });
  }
}
