import type { Deps } from '../deps.ts';
import type { Project } from '../model/project.ts';
import type { Run } from '../model/run.ts';
import { runPages } from './run-pages.ts';

/** More suites, and retests of each, than one commit has. */
const mostRuns = 500;

/** The newest matching run of each suite for a commit. */
export async function latestRuns(
  deps: Pick<Deps, 'store'>,
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
