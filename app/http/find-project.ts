import { projectId } from '../core/model/ids.ts';
import type { Project } from '../core/model/project.ts';
import { allProjects } from '../core/projects/all-projects.ts';
import type { Store } from '../ports/store.ts';
import { projectIdFor } from './project-id-for.ts';

/** The longest that a repository's `owner/name` on GitHub can be, with room to spare. */
const longestName = 200;

/**
 * The project that a person means: by its id, or by its name.
 *
 * An id costs one read, and so does the name of a project made by hand, whose id follows from it. Names with a slash are
 * reserved for repositories of GitHub: they are looked for among those, and go by what GitHub calls the repository, not
 * by a name that someone gave the project. Projects that 0.1.0 made by hand under such a name come last.
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
  // A repository that was renamed may have left its name to another: which one is meant is not known.
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

/** Only the App makes projects with such ids. */
function repositoryOf({ id, name, github }: Project): string | undefined {
  if (!/^gh-\d+$/.test(id)) return undefined;
  return (github === undefined ? name : `${github.owner}/${github.name}`).toLowerCase();
}
