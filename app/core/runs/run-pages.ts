import { omitUndefined } from '../../lib/omit-undefined.ts';
import type { RunFilter, RunStore } from '../../ports/store.ts';
import type { ProjectId } from '../model/ids.ts';
import type { Run } from '../model/run.ts';

/**
 * The runs that match, newest first, page by page, up to a bound. A page may be short or empty although more runs match:
 * in a large project, those of one branch may be behind thousands of others.
 *
 * @param options.perPage runs in a page.
 * @param options.mostPages the store reads some 5,000 runs of the project for each.
 * @returns pages; `isLast` if no run matches after it.
 */
export async function* runPages(
  { runs }: { readonly runs: Pick<RunStore, 'list'> },
  projectId: ProjectId,
  filter: RunFilter,
  { perPage = 100, mostPages = 10 } = {},
): AsyncGenerator<{ readonly items: readonly Run[]; readonly isLast: boolean }> {
  let cursor: string | undefined;
  for (let pages = 0; pages < mostPages; pages += 1) {
    const page = await runs.list(projectId, filter, omitUndefined({ limit: perPage, cursor }));
    cursor = page.cursor;
    yield { items: page.items, isLast: cursor === undefined };
    if (cursor === undefined) return;
  }
}

/** The newest run that matches and fits. */
export async function findNewest(
  store: { readonly runs: Pick<RunStore, 'list'> },
  projectId: ProjectId,
  filter: RunFilter,
  fits: (run: Run) => boolean = () => true,
): Promise<Run | undefined> {
  for await (const { items } of runPages(store, projectId, filter)) {
    const found = items.find(fits);
    if (found !== undefined) return found;
  }
  return undefined;
}
