import type { RouteConfig, z } from '@hono/zod-openapi';
import type { ErrorCode } from '../core/model/errors.ts';
import type { Access } from './auth/access.ts';
import type { ErrorStyle } from './http-env.ts';

/** One route: how it is called, by whom, with what, and what it answers. The OpenAPI document is made from it. */
export interface Endpoint<
  Target,
  Params extends z.ZodObject,
  Query extends z.ZodObject,
  Body extends z.ZodType,
> {
  /** The name that clients made from the OpenAPI document give it. */
  readonly id: string;
  readonly method: 'get' | 'post' | 'put' | 'patch' | 'delete';
  /** As OpenAPI writes it, `/workflow/{id}`. A last parameter written `{path+}` takes slashes too. */
  readonly path: string;
  readonly tag: 'Workflows' | 'Stacks' | 'Projects' | 'Keys' | 'Objects' | 'Server';
  readonly summary: string;
  readonly description?: string;
  readonly access: Access<Target>;
  readonly params?: Params;
  readonly query?: Query;
  /** Names in the query that may be given more than once. */
  readonly repeatable?: readonly string[];
  readonly body?: Body;
  /** What must be said of a body before its schema is asked. @throws BerthError `invalid_request`. */
  readonly checkBody?: (body: unknown) => void;
  readonly responses: RouteConfig['responses'];
  /** Beside those that every route of its kind has. */
  readonly errors?: readonly ErrorCode[];
  readonly errorStyle?: ErrorStyle;
}

export interface Input<Target, Params, Query, Body> {
  readonly target: Target;
  readonly params: Params;
  readonly query: Query;
  readonly body: Body;
  /** The body as it was sent, before the schema took what it knows. */
  readonly sent: unknown;
}
