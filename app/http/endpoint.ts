import type { RouteConfig, z } from '@hono/zod-openapi';
import type { ErrorCode } from '../core/model/errors.ts';
import type { Access } from './auth/access.ts';
import type { ErrorStyle } from './http-env.ts';

/** One route: its address, access, input and answers. The OpenAPI document is made from it. */
export interface Endpoint<
  Target,
  Params extends z.ZodObject,
  Query extends z.ZodObject,
  Body extends z.ZodType,
> {
  /** Its name in clients that are generated from the OpenAPI document. */
  readonly id: string;
  readonly method: 'get' | 'post' | 'put' | 'patch' | 'delete';
  /** In the form of OpenAPI, `/workflow/{id}`. A last parameter written `{path+}` accepts slashes. */
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
  /** Checks a body before its schema does. @throws BerthError `invalid_request`. */
  readonly checkBody?: (body: unknown) => void;
  readonly responses: RouteConfig['responses'];
  /** Error codes in addition to those of every route of its kind. */
  readonly errors?: readonly ErrorCode[];
  readonly errorStyle?: ErrorStyle;
}

export interface Input<Target, Params, Query, Body> {
  readonly target: Target;
  readonly params: Params;
  readonly query: Query;
  readonly body: Body;
  /** The body as sent, with the fields that the schema does not know. */
  readonly sent: unknown;
}
