import { type ApiDeps, createCaller } from './call.ts';
import { projectRoutes } from './project-routes.ts';
import { runRoutes } from './run-routes.ts';
import { stackRoutes } from './stack-routes.ts';

export type BerthApi = ReturnType<typeof createBerthApi>;

/**
 * Creates the client of Berth's REST API: a typed function for each route. The command line, the action and the
 * dashboard use it, each with its own transport, credentials and patience.
 *
 * Each function throws ApiError if the server refuses, and Unreachable if it does not answer within the patience.
 */
export function createBerthApi(deps: ApiDeps) {
  const caller = createCaller(deps);
  return { ...runRoutes(caller), ...stackRoutes(caller), ...projectRoutes(caller), project: deps.project };
}
