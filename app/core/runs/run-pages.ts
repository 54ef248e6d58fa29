import { omitUndefined } from '../../lib/omit-undefined.ts';
import type { RunFilter, RunStore, Store } from '../../ports/store.ts';
import type { StoreDeps } from '../deps.ts';
import type { ProjectId, RunId } from '../model/ids.ts';
import type { Project } from '../model/project.ts';
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

/** More suites, and retests of each, than one commit has. */
const mostRuns = 500;

/** The newest matching run of each suite for a commit. */
export async function latestRuns(
  deps: StoreDeps,
  project: Project,
  sha: string,
  fits: (run: Run) => boolean = () => true,
): Promise<ReadonlyMap<string, Run>> {
  const latest = new Map<string, Run>();
  let seen = 0;
  for await (const { items } of runPages(
    deps.store,
    project.id,
    { sha },
    { mostPages: Number.POSITIVE_INFINITY },
  )) {
    for (const run of items) {
      // A teardown tests nothing.
      if (run.spec.teardownOf !== undefined || !fits(run)) continue;
      const other = latest.get(run.spec.suite);
      if (other === undefined || isNewer(run, other)) latest.set(run.spec.suite, run);
    }
    seen += items.length;
    if (seen >= mostRuns) break;
  }
  return latest;
}

/** A retest made in the same moment as its original is the newer of the two. */
function isNewer(run: Run, other: Run): boolean {
  return run.createdAt > other.createdAt || run.retryOf === other.id;
}

/** Far more often than one suite or deployment of a commit is run again. */
const maxRuns = 1_000;

/**
 * Follows the runs that replace a run to the latest.
 *
 * @param nextOf returns the run that replaces one.
 */
export async function latestRun(
  { runs }: Pick<Store, 'runs'>,
  first: Run,
  nextOf: (run: Run) => RunId | undefined,
): Promise<Run> {
  let latest = first;
  for (let count = 0; count < maxRuns; count += 1) {
    const id = nextOf(latest);
    const next = id === undefined ? undefined : await runs.get(id);
    if (next === undefined) break;
    latest = next;
  }
  return latest;
}
