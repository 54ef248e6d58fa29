import type { z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import type { Api } from './api.ts';
import { describeEndpoint } from './describe-endpoint.ts';
import type { Endpoint, Input } from './endpoint.ts';
import type { HttpEnv } from './http-env.ts';
import { readJsonBody } from './read-body.ts';
import { refuseTypos } from './refuse-typos.ts';
import { validate } from './validate.ts';

/**
 * Adds a route. Access is checked before the body is read, so that a caller without access learns nothing about it.
 */
export function addEndpoint<
  Target,
  Params extends z.ZodObject,
  Query extends z.ZodObject,
  Body extends z.ZodType,
>(
  api: Api,
  endpoint: Endpoint<Target, Params, Query, Body>,
  handle: (
    c: Context<HttpEnv>,
    input: Input<Target, z.output<Params>, z.output<Query>, z.output<Body>>,
  ) => Promise<Response> | Response,
): void {
  const { params, query, body, errorStyle } = endpoint;
  const part = <Schema extends z.ZodType>(schema: Schema | undefined, input: unknown): z.output<Schema> =>
    // Without a schema the type parameter is inferred as its bound, and no handler looks at the part.
    schema === undefined ? (undefined as z.output<Schema>) : validate(schema, input, errorStyle?.invalid);

  api.descriptions.push(() => describeEndpoint(endpoint));
  api.app.on(endpoint.method.toUpperCase(), routingPath(endpoint.path), async (c) => {
    if (errorStyle !== undefined) c.set('errorStyle', errorStyle);
    const target = await endpoint.access.resolve(api, c);
    const { maxBodyBytes } = api.deps.limits;
    const sent = body === undefined ? undefined : await readJsonBody(c.req.raw, maxBodyBytes);
    endpoint.checkBody?.(sent);
    if (body !== undefined) refuseTypos(body, sent);
    const asked = queryOf(c, endpoint.repeatable ?? []);
    if (query !== undefined) refuseTypos(query, asked, ['project']);
    return handle(c, {
      target,
      params: part(params, c.req.param()),
      query: part(query, asked),
      body: part(body, sent),
      sent,
    });
  });
}

/** Turns `/workflow/{id}/artifacts/{path+}` into the router's form: `/workflow/:id/artifacts/:path{[^]+}`: names of files may have line breaks. */
export function routingPath(path: string): string {
  return path.replace(/\{(\w+)\+\}$/, ':$1{[^]+}').replace(/\{(\w+)\}/g, ':$1');
}

function queryOf(c: Context<HttpEnv>, repeatable: readonly string[]): Record<string, string | string[]> {
  return Object.fromEntries(
    Object.entries(c.req.queries()).map(([name, values]) => [
      name,
      repeatable.includes(name) ? values : values.join(','),
    ]),
  );
}
