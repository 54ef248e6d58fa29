import type { Context } from 'hono';
import { BerthError } from '../../core/model/errors.ts';
import type { ProjectId } from '../../core/model/ids.ts';
import { includesScope, type Project, type Scope } from '../../core/model/project.ts';
import type { Run } from '../../core/model/run.ts';
import type { Api } from '../api.ts';
import { findProject } from '../find-project.ts';
import { findRun } from '../find-run.ts';
import type { HttpEnv } from '../http-env.ts';
import type { Caller } from './caller.ts';

/** The access rule of a route, and the target of the request. */
export interface Access<Target> {
  /** If omitted, everyone. */
  readonly scope?: Scope;
  /** True if the route is about the project that the request names in passing. */
  readonly namesProject?: boolean;
  readonly resolve: (api: Api, c: Context<HttpEnv>) => Promise<Target>;
}

export interface ByCaller {
  readonly caller: Caller;
}
export interface OfProject extends ByCaller {
  readonly project: Project;
}
export interface OfRun extends ByCaller {
  readonly run: Run;
}

export const publicAccess: Access<undefined> = { resolve: async () => undefined };

/** Any caller with a key; the handler checks further. */
export function anyCaller(scope: Scope): Access<ByCaller> {
  return { scope, resolve: async (api, c) => ({ caller: await api.identify(c) }) };
}

/** Callers that administer all projects. */
export const adminEverywhere: Access<ByCaller> = {
  scope: 'admin',
  resolve: async (api, c) => {
    const caller = await api.identify(c);
    requireAdminEverywhere(caller);
    return { caller };
  },
};

/** The project named by `X-Berth-Project` or `?project=`, by its ID or its name, or otherwise the project of the key. */
export function currentProject(scope: Scope): Access<OfProject> {
  return {
    scope,
    namesProject: true,
    resolve: async (api, c) => {
      const caller = await api.identify(c);
      const named = c.req.header('x-berth-project') ?? c.req.query('project');
      if (named !== undefined) return { caller, project: await projectFor(api, caller, named, scope) };
      if (caller.home === undefined) {
        throw new BerthError('invalid_request', 'The request names no project.', {
          hint: 'Name one with the header X-Berth-Project or the query parameter project.',
        });
      }
      return { caller, project: await projectFor(api, caller, caller.home, scope) };
    },
  };
}

/** The project that `{id}` in the path names. */
export function projectInPath(scope: Scope): Access<OfProject> {
  return {
    scope,
    resolve: async (api, c) => {
      const caller = await api.identify(c);
      return { caller, project: await projectFor(api, caller, c.req.param('id') ?? '', scope) };
    },
  };
}

/** The run that `{id}` in the path names, if the caller may see its project. */
export function runInPath(scope: Scope): Access<OfRun> {
  return {
    scope,
    resolve: async (api, c) => {
      const caller = await api.identify(c);
      const run = await findRun(api.deps, {
        caller,
        name: c.req.param('id') ?? '',
        named: c.req.header('x-berth-project') ?? c.req.query('project'),
      });
      if (run === undefined) {
        throw new BerthError('run_not_found', 'Workflow not found.', {
          hint: 'GET /workflow lists the workflows.',
        });
      }
      requireScope(caller, run.projectId, scope);
      return { caller, run };
    },
  };
}

/** The same answer for a project that does not exist and for one that the caller may not see. */
async function projectFor(api: Api, caller: Caller, named: string, scope: Scope): Promise<Project> {
  const project = await findProject(api.deps, named);
  if (project === undefined || caller.scopeIn(project.id) === undefined) {
    throw new BerthError('project_not_found', `There is no project ${JSON.stringify(named.slice(0, 200))}.`, {
      hint: 'GET /projects lists the projects of your key.',
    });
  }
  requireScope(caller, project.id, scope);
  return project;
}

/** @throws BerthError `forbidden` if the caller does not have `scope` in a project. */
function requireScope(caller: Caller, id: ProjectId, scope: Scope): void {
  const has = caller.scopeIn(id);
  if (has !== undefined && includesScope(has, scope)) return;
  throw new BerthError('forbidden', `This needs the scope ${scope}, and you have ${has ?? 'none'} here.`, {
    hint: `Ask an administrator of the project for a key with the scope ${scope}.`,
  });
}

/** @throws BerthError `forbidden` if the caller is not an administrator of all projects. */
export function requireAdminEverywhere(caller: Caller): void {
  if (caller.scopeEverywhere === 'admin') return;
  throw new BerthError('forbidden', 'This needs a key for all projects with the scope admin.', {
    hint: 'Ask the administrator of this server.',
  });
}
