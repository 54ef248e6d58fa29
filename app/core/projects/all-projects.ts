import type { Store } from '../../ports/store.ts';
import type { Project } from '../model/project.ts';

/** Every project, suspended ones included, page by page. */
export async function* allProjects({ projects }: Pick<Store, 'projects'>): AsyncGenerator<Project> {
  let cursor: string | undefined;
  do {
    const page = await projects.list(cursor);
    yield* page.items;
    cursor = page.cursor;
  } while (cursor !== undefined);
}
