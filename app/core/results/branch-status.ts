import type { Store } from '../../ports/store.ts';
import { standsForBranch } from '../branches/branch-of.ts';
import type { ProjectId } from '../model/ids.ts';
import { isActive, type Run } from '../model/run.ts';

export type BranchStatus = 'passing' | 'failing' | 'error' | 'running' | 'unknown';

/** Runs that are searched for the last commit with a result. */
const recentRuns = 100;

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
  const { items } = await deps.store.runs.list(projectId, filter, { limit: recentRuns });
  // Newest first, so the first run of a suite is its latest attempt.
  const commits = new Map<string, Map<string, Run>>();
  for (const run of items) {
    if (run.spec.teardownOf !== undefined || run.state === 'skipped') continue;
    if (!standsForBranch(run)) continue;
    const commit = run.sha ?? run.id;
    const suites = commits.get(commit) ?? new Map<string, Run>();
    if (!suites.has(run.spec.suite)) suites.set(run.spec.suite, run);
    commits.set(commit, suites);
  }
  if (commits.size === 0) return 'unknown';
  for (const suites of commits.values()) {
    const runs = [...suites.values()];
    const isCancelled = runs.some(({ state }) => state === 'cancelled');
    if (!isCancelled && !runs.some(isActive)) return verdictOf(runs);
  }
  return [...commits.values()].some((suites) => [...suites.values()].some(isActive)) ? 'running' : 'unknown';
}

function verdictOf(runs: readonly Run[]): BranchStatus {
  if (runs.some(({ state }) => state === 'failed')) return 'failing';
  return runs.every(({ state }) => state === 'succeeded') ? 'passing' : 'error';
}
