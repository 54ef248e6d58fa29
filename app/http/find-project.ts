import { projectId } from '../core/model/ids.ts';
import type { Project } from '../core/model/project.ts';
import { allProjects } from '../core/projects/project-of.ts';
import type { Store } from '../ports/store.ts';
import { projectIdFor } from './project-id-for.ts';

/** Longer than any `owner/name` on GitHub. */
const longestName = 200;

/**
 * Finds a project by its ID or its name.
 *
 * An ID costs one read, and so does the name of a project that was created by hand, whose ID is derived from it. Names with a slash are
 * reserved for repositories of GitHub: they are compared with the name of the repository on GitHub, not
 * with a name that a person gave the project. Projects that 0.1.0 created by hand under such a name come last.
 */
export async function findProject(
  deps: { store: Pick<Store, 'projects'> },
  named: string,
): Promise<Project | undefined> {
  if (named === '' || named.length > longestName) return undefined;
  const byId = await deps.store.projects.get(projectId(named));
  if (byId !== undefined) return byId;
  if (!named.includes('/')) return findByHand(deps, named);
  const repositories = await findRepositories(deps, named.toLowerCase());
  // A renamed repository may have left its name to another one, so the name is ambiguous.
  return repositories.length === 0
    ? findByHand(deps, named)
    : repositories.length === 1
      ? repositories[0]
      : undefined;
}

async function findByHand(
  { store }: { store: Pick<Store, 'projects'> },
  named: string,
): Promise<Project | undefined> {
  const id = projectIdFor(named);
  const project = id === undefined || id === named ? undefined : await store.projects.get(id);
  return project?.name === named && project.github === undefined ? project : undefined;
}

async function findRepositories(
  { store }: { store: Pick<Store, 'projects'> },
  lowerCaseName: string,
): Promise<readonly Project[]> {
  const found: Project[] = [];
  for await (const project of allProjects(store))
    if (repositoryOf(project) === lowerCaseName) found.push(project);
  return found;
}

/** Only the App makes projects with such IDs. */
function repositoryOf({ id, name, github }: Project): string | undefined {
  if (!/^gh-\d+$/.test(id)) return undefined;
  return (github === undefined ? name : `${github.owner}/${github.name}`).toLowerCase();
}
