import type { Store } from '../../ports/store.ts';
import { standsForBranch } from '../branches/branch-of.ts';
import type { ProjectId } from '../model/ids.ts';
import { isActive, type Run } from '../model/run.ts';
import { runPages } from '../runs/run-pages.ts';

export type BranchStatus = 'passing' | 'failing' | 'error' | 'running' | 'unknown';

/**
 * Summarizes a branch for a badge: the result of its newest commit whose suites have all finished.
 *
 * @param filter.suite if omitted, every suite counts.
 */
export async function branchStatus(
  deps: { readonly store: { readonly runs: Pick<Store['runs'], 'list'> } },
  projectId: ProjectId,
  filter: { readonly branch: string; readonly suite?: string },
): Promise<BranchStatus> {
  // Newest first, so the first run of a suite is its latest attempt.
  const commits = new Map<string, Map<string, Run>>();
  for await (const { items, isLast } of runPages(deps.store, projectId, filter)) {
    for (const run of items) {
      if (run.spec.teardownOf !== undefined || run.state === 'skipped') continue;
      if (!standsForBranch(run)) continue;
      const commit = run.sha ?? run.id;
      const suites = commits.get(commit) ?? new Map<string, Run>();
      if (!suites.has(run.spec.suite)) suites.set(run.spec.suite, run);
      commits.set(commit, suites);
    }
    const known = [...commits.values()].map((suites) => [...suites.values()]);
    // The oldest commit of a page may have more suites on the next one.
    const finished = (isLast ? known : known.slice(0, -1)).find(isFinished);
    if (finished !== undefined) return verdictOf(finished);
  }
  return [...commits.values()].some((suites) => [...suites.values()].some(isActive)) ? 'running' : 'unknown';
}

function isFinished(runs: readonly Run[]): boolean {
  return !runs.some((run) => run.state === 'cancelled' || isActive(run));
}

function verdictOf(runs: readonly Run[]): BranchStatus {
  if (runs.some(({ state }) => state === 'failed')) return 'failing';
  return runs.every(({ state }) => state === 'succeeded') ? 'passing' : 'error';
}
