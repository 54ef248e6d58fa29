import type { Deps } from '../deps.ts';
import { BerthError } from '../model/errors.ts';
import type { ProjectId } from '../model/ids.ts';
import type { Project } from '../model/project.ts';

/** @throws BerthError `project_not_found`. */
export async function projectOf(deps: Pick<Deps, 'store'>, id: ProjectId): Promise<Project> {
  const project = await deps.store.projects.get(id);
  if (project !== undefined) return project;
  throw new BerthError('project_not_found', `There is no project ${id}.`, {
    hint: 'GET /projects lists the projects.',
  });
}
