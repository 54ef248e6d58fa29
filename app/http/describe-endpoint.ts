import { type RouteConfig, z } from '@hono/zod-openapi';
import type { ErrorCode } from '../core/model/errors.ts';
import type { Scope } from '../core/model/project.ts';
import { omitUndefined } from '../lib/omit-undefined.ts';
import { longHeaders } from './answer-unreadable.ts';
import type { Endpoint } from './endpoint.ts';
import { errorStatus } from './error-status.ts';
import { errorSchema, workflowErrorSchema } from './schemas/error.ts';

type AnyEndpoint = Endpoint<unknown, z.ZodObject, z.ZodObject, z.ZodType>;
type Responses = RouteConfig['responses'];

/** The ways to authenticate, by the names that the document gives them. */
export const securitySchemes = {
  apiKey: {
    type: 'apiKey',
    in: 'header',
    name: 'X-API-Key',
    description: '`berth keys create` creates one.',
  },
  actionsToken: {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'JWT',
    description:
      'The OIDC token of a GitHub Actions workflow, where a project trusts it (`oidcTrust`). It may do what a key with the scope `run` may.',
  },
} as const;

const projectText =
  'ID or name of the project, for keys that see several. If omitted, the project of the key.';
const projectQuery = { project: z.string().optional().openapi({ description: projectText }) };
const projectHeader = z.object({
  'X-Berth-Project': z
    .string()
    .optional()
    .openapi({ description: `${projectText} Goes before the query.` }),
});

/** Describes a route for OpenAPI. */
export function describeEndpoint<
  Target,
  Params extends z.ZodObject,
  Query extends z.ZodObject,
  Body extends z.ZodType,
>(endpoint: Endpoint<Target, Params, Query, Body>): RouteConfig {
  const { access, params, query, body } = endpoint;
  return {
    operationId: endpoint.id,
    method: endpoint.method,
    path: endpoint.path.replace('+}', '}'),
    tags: [endpoint.tag],
    summary: endpoint.summary,
    description: [endpoint.description, scopeText(endpoint)].filter(Boolean).join('\n\n'),
    security: access.scope === undefined ? [] : securityOf(access.scope),
    request: omitUndefined({
      params,
      ...(access.namesProject === true
        ? { query: z.object({ ...query?.shape, ...projectQuery }), headers: projectHeader }
        : query === undefined
          ? {}
          : { query }),
      body: body === undefined ? undefined : bodyOf(body),
    }),
    responses: { ...errorResponses(endpoint), ...endpoint.responses },
  };
}

/** Responses of routes with shared answers. */
export const asBefore = {
  304: { description: 'The answer has not changed since the `ETag` in `If-None-Match`.' },
} as const;

/** An answer that only says what was done. */
export const messageSchema = z.object({ message: z.string() }).openapi('Message');

/** The successful answer of most routes. */
export function jsonAnswer(status: number, description: string, schema: z.ZodType): Responses {
  return { [status]: { description, content: { 'application/json': { schema } } } };
}

function securityOf(scope: Scope): Record<string, string[]>[] {
  return scope === 'admin' ? [{ apiKey: [] }] : [{ apiKey: [] }, { actionsToken: [] }];
}

function scopeText({ access }: Pick<AnyEndpoint, 'access'>): string {
  return access.scope === undefined ? 'Needs no key.' : `Needs a key with the scope \`${access.scope}\`.`;
}

function bodyOf(schema: z.ZodType) {
  return {
    // A body that accepts an empty object may be omitted.
    required: !schema.safeParse({}).success,
    content: { 'application/json': { schema } },
  };
}

function errorResponses(
  endpoint: Pick<AnyEndpoint, 'access' | 'body' | 'query' | 'errors' | 'errorStyle'>,
): Responses {
  const schema = endpoint.errorStyle?.errorField === true ? workflowErrorSchema : errorSchema;
  const codes = errorCodesOf(endpoint);
  const statuses = new Set(codes.map((code) => errorStatus[code]));
  const answer = (description: string) => ({ description, content: { 'application/json': { schema } } });
  return Object.fromEntries([
    ...[...statuses].map((status) => {
      const names = codes.filter((code) => errorStatus[code] === status).map((code) => `\`${code}\``);
      return [status, answer(`Code ${names.join(', ')}.`)];
    }),
    // Node sends this answer before any route is found.
    [longHeaders.status, answer(longHeaders.message)],
  ]);
}

function errorCodesOf(
  endpoint: Pick<AnyEndpoint, 'access' | 'body' | 'query' | 'errors'>,
): readonly ErrorCode[] {
  const codes = new Set<ErrorCode>(endpoint.errors);
  const add = (...more: ErrorCode[]) => {
    for (const code of more) codes.add(code);
  };
  if (endpoint.access.scope !== undefined)
    add('unauthorized', 'forbidden', 'rate_limited', 'too_many_failures');
  if (endpoint.access.namesProject === true) add('project_not_found');
  if (endpoint.body !== undefined) add('invalid_json', 'invalid_request', 'body_too_large');
  if (endpoint.query !== undefined) add('invalid_request');
  add('internal');
  return [...codes];
}
