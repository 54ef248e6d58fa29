import { chosenRunId, type ProjectId, type RunId, runId } from '../core/model/ids.ts';
import type { Project } from '../core/model/project.ts';
import type { Run } from '../core/model/run.ts';
import { allProjects } from '../core/projects/project-of.ts';
import type { Caller } from './auth/caller.ts';
import { findProject } from './find-project.ts';
import type { HttpDeps } from './http-deps.ts';

type FindDeps = Pick<HttpDeps, 'store' | 'ids'>;

/** The number of projects in which a run is searched if the request names no project. */
const mostProjects = 200;

/** Returns the ID of the run that a client names in a project. */
export async function runIdFor(deps: FindDeps, project: Pick<Project, 'id'>, name: string): Promise<RunId> {
  // Version 0.1.0 stored the name itself as the ID.
  const earlier = await deps.store.runs.get(runId(name));
  return earlier?.projectId === project.id ? earlier.id : chosenIn(deps, project.id, name);
}

/**
 * Finds the run that a path names, by its ID or by the name that a client chose for it, if the caller may see its
 * project. A chosen name is searched in the project that the request names, in the caller's own, and then in the
 * other projects of the caller, where it must be unique.
 *
 * @param named the project that the request names, by its ID or its name.
 */
export async function findRun(
  deps: FindDeps,
  { caller, name, named }: { caller: Caller; name: string; named: string | undefined },
): Promise<Run | undefined> {
  if (!/^[\w-]{1,160}$/.test(name)) return undefined;
  const project = named === undefined ? caller.home : (await findProject(deps, named))?.id;
  return (
    (project === undefined ? undefined : await chosenRun(deps, caller, project, name)) ??
    visible(caller, await deps.store.runs.get(runId(name))) ??
    (named === undefined ? findInOtherProjects(deps, caller, name) : undefined)
  );
}

async function findInOtherProjects(deps: FindDeps, caller: Caller, name: string): Promise<Run | undefined> {
  const ids = caller.projects ?? (caller.scopeEverywhere === undefined ? [] : await firstProjects(deps));
  if (ids.length > mostProjects) return undefined;
  const found = await Promise.all(ids.map((id) => chosenRun(deps, caller, id, name)));
  const [run, another] = found.filter((one) => one !== undefined);
  return another === undefined ? run : undefined;
}

/** One more than are searched, if there are as many. */
async function firstProjects({ store }: FindDeps): Promise<readonly ProjectId[]> {
  const ids: ProjectId[] = [];
  for await (const { id } of allProjects(store)) {
    ids.push(id);
    if (ids.length > mostProjects) break;
  }
  return ids;
}

async function chosenRun(
  deps: FindDeps,
  caller: Caller,
  project: ProjectId,
  name: string,
): Promise<Run | undefined> {
  if (caller.scopeIn(project) === undefined) return undefined;
  return visible(caller, await deps.store.runs.get(await chosenIn(deps, project, name)));
}

async function chosenIn({ ids }: FindDeps, project: ProjectId, name: string): Promise<RunId> {
  return chosenRunId(name, await ids.derived('chosen', project, name));
}

function visible(caller: Caller, run: Run | undefined): Run | undefined {
  return run === undefined || caller.scopeIn(run.projectId) === undefined ? undefined : run;
}
