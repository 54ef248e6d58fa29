import type { Store } from '../../ports/store.ts';
import { BerthError } from '../model/errors.ts';
import type { ProjectId } from '../model/ids.ts';
import type { Project } from '../model/project.ts';
import type { GithubTarget } from '../model/run.ts';

/** @throws BerthError `project_not_found`. */
export async function projectOf(
  { store }: { readonly store: Pick<Store, 'projects'> },
  id: ProjectId,
): Promise<Project> {
  const project = await store.projects.get(id);
  if (project !== undefined) return project;
  throw new BerthError('project_not_found', `There is no project ${id}.`, {
    hint: 'GET /projects lists the projects.',
  });
}

/** Every project, suspended ones included, page by page. */
export async function* allProjects({ projects }: Pick<Store, 'projects'>): AsyncGenerator<Project> {
  let cursor: string | undefined;
  do {
    const page = await projects.list(cursor);
    yield* page.items;
    cursor = page.cursor;
  } while (cursor !== undefined);
}

/** Why the runs of a project ended that is suspended. */
export const suspendedReason = 'The GitHub App was removed from the repository.';

/**
 * Refuses what a suspended project must not begin.
 *
 * @throws BerthError `project_suspended`.
 */
export function refuseSuspended({ name, suspendedAt }: Pick<Project, 'name' | 'suspendedAt'>): void {
  if (suspendedAt === undefined) return;
  throw new BerthError(
    'project_suspended',
    `Project ${name} is suspended: the GitHub App was removed from it.`,
    { hint: 'Install the App on the repository again.' },
  );
}

/**
 * Returns the address of a run's repository today: it may have been renamed, transferred, or installed again since the run was
 * created.
 */
export function currentTarget(project: Project | undefined, target: GithubTarget): GithubTarget {
  const github = project?.github;
  if (github === undefined || github.repositoryId !== target.repositoryId) return target;
  return { ...target, installationId: github.installationId, owner: github.owner, repo: github.name };
}
