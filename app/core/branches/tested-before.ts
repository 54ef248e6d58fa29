import type { Deps } from '../deps.ts';
import type { Branch } from '../model/branch.ts';
import { isActive, isUnwanted, type Run } from '../model/run.ts';
import type { GithubProject } from '../projects/github-project.ts';
import { runPages } from '../runs/run-pages.ts';
import { isOfBranch } from './branch-of.ts';

/** More runs than a branch has for the commits that came while it was tested. */
const mostRuns = 300;
const perPage = 50;

/**
 * Finds the last commit of a branch whose runs have a result: a run that a newer commit cancelled says nothing about the
 * files that its commit changed.
 *
 * @returns undefined if no run of the branch is known for such a commit.
 */
export async function testedBefore(
  { store }: Pick<Deps, 'store'>,
  project: GithubProject,
  branch: Branch,
): Promise<string | undefined> {
  const commits = new Map<string, boolean>();
  const bounds = { perPage, mostPages: mostRuns / perPage };
  for await (const { items, isLast } of runPages(store, project.id, { branch: branch.name }, bounds)) {
    for (const run of items) {
      if (run.sha === undefined || run.sha === branch.head || !isOfBranch(run, branch, project)) continue;
      commits.set(run.sha, hasResult(run) && commits.get(run.sha) !== false);
    }
    // The oldest commit of a page may have more runs on the next one.
    const complete = isLast ? [...commits] : [...commits].slice(0, -1);
    const tested = complete.find(([, isTested]) => isTested);
    if (tested !== undefined) return tested[0];
  }
  return undefined;
}

function hasResult(run: Run): boolean {
  return !isActive(run) && !isUnwanted(run);
}
