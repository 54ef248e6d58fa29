import { z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { BerthError } from '../../core/model/errors.ts';
import { addEndpoint } from '../add-endpoint.ts';
import type { Api } from '../api.ts';
import { publicAccess } from '../auth/access.ts';
import type { GrantedAccess, ObjectServer } from '../http-deps.ts';
import type { HttpEnv } from '../http-env.ts';
import { untrustedHeaders } from '../untrusted-content.ts';

const key = z.object({ key: z.string() });
const binary = z.string().openapi({ type: 'string', format: 'binary' });

/**
 * Serves the files that runners download and upload, if there is no S3. The signature in the URL is the only credential: it allows one
 * thing with one object for a while.
 */
export function addObjectRoutes(api: Api, server: ObjectServer): void {
  const shared = {
    path: '/objects/{key+}',
    tag: 'Objects',
    access: publicAccess,
    params: key,
  } as const;
  addEndpoint(
    api,
    {
      ...shared,
      id: 'getObject',
      method: 'get',
      summary: 'Read an object by its signed URL',
      errors: ['signature_invalid', 'object_not_found'],
      responses: {
        200: { description: 'The object.', content: { 'application/octet-stream': { schema: binary } } },
      },
    },
    async (c) => {
      const granted = verify(c, server);
      const object = await api.deps.objects.get(granted.key);
      if (object === undefined) throw new BerthError('object_not_found', 'There is no such object.');
      return c.body(object.body, 200, {
        ...untrustedHeaders,
        'Content-Type': object.contentType,
        'Content-Length': String(object.sizeBytes),
      });
    },
  );
  addEndpoint(
    api,
    {
      ...shared,
      id: 'putObject',
      method: 'put',
      summary: 'Write an object by its signed URL',
      errors: ['signature_invalid', 'body_too_large'],
      responses: { 200: { description: 'The object is stored.' } },
    },
    async (c) => {
      const granted = verify(c, server);
      refuseTooLarge(c, granted);
      const contentType = granted.contentType ?? c.req.header('content-type') ?? 'application/octet-stream';
      await server.putStream(granted.key, c.req.raw.body ?? emptyStream(), contentType, granted.maxBytes);
      server.onWritten(granted.key);
      return c.body(null, 200);
    },
  );
}

function verify(c: Context<HttpEnv>, server: ObjectServer): GrantedAccess {
  const url = new URL(c.req.url);
  return server.verify({ method: c.req.method, path: url.pathname, query: url.searchParams });
}

/** Refuses a declared length before a byte is read. The store refuses others while it reads. */
function refuseTooLarge(c: Context<HttpEnv>, { maxBytes }: GrantedAccess): void {
  if (maxBytes === undefined || Number(c.req.header('content-length') ?? 0) <= maxBytes) return;
  throw new BerthError(
    'body_too_large',
    `The object is larger than the ${maxBytes} bytes that were granted.`,
  );
}

function emptyStream(): ReadableStream<Uint8Array> {
  return new ReadableStream({ start: (controller) => controller.close() });
}
