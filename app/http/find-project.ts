import { projectId } from '../core/model/ids.ts';
import type { Project } from '../core/model/project.ts';
import type { Store } from '../ports/store.ts';
import { projectIdFor } from './project-id-for.ts';

/** The longest that a repository's `owner/name` on GitHub can be, with room to spare. */
const longestName = 200;

/**
 * The project that a person means: by its id, or by its name.
 *
 * An id costs one read, and so does the name of a project made by hand, whose id follows from it. The name of a
 * repository may change, so it is looked for among all projects; a client in a hurry gives the id.
 */
export async function findProject(
  deps: { store: Pick<Store, 'projects'> },
  named: string,
): Promise<Project | undefined> {
  if (named === '' || named.length > longestName) return undefined;
  const byId = await deps.store.projects.get(projectId(named));
  if (byId !== undefined) return byId;
  const derived = projectIdFor(named);
  const byHand =
    derived === undefined || derived === named ? undefined : await deps.store.projects.get(derived);
  if (byHand?.name === named) return byHand;
  return named.includes('/') ? findByName(deps, named.toLowerCase()) : undefined;
}

async function findByName(
  { store }: { store: Pick<Store, 'projects'> },
  lowerCaseName: string,
): Promise<Project | undefined> {
  let cursor: string | undefined;
  do {
    const page = await store.projects.list(cursor);
    const found = page.items.find((project) => project.name.toLowerCase() === lowerCaseName);
    if (found !== undefined) return found;
    cursor = page.cursor;
  } while (cursor !== undefined);
  return undefined;
}
