import { later } from '../deps.ts';
import type { Project } from '../model/project.ts';
import { addressOf, type GithubProject } from '../projects/github-project.ts';
import { latestRuns } from '../runs/latest-runs.ts';
import type { GithubDeps } from './github-deps.ts';
import { syncPullRequest } from './sync-pull-request.ts';

/** GitHub keeps what it could not deliver for three days. */
const lookBackSeconds = 3 * 24 * 3600;

/**
 * Finds what was missed while nobody listened: deliveries that failed are asked for again, and open pull requests are
 * compared with the runs that are known. Called on start, and now and then.
 *
 * @returns how much was missed.
 */
export async function catchUp(deps: GithubDeps): Promise<{ redelivered: number; pullRequests: number }> {
  const redelivered = await deps.github.deliveries.redeliverFailed(later(deps.clock.now(), -lookBackSeconds));
  let pullRequests = 0;
  let cursor: string | undefined;
  do {
    const page = await deps.store.projects.list(cursor);
    for (const project of page.items) pullRequests += await catchUpProject(deps, project);
    cursor = page.cursor;
  } while (cursor !== undefined);
  return { redelivered, pullRequests };
}

async function catchUpProject(deps: GithubDeps, project: Project): Promise<number> {
  if (project.suspendedAt !== undefined || !isOnGithub(project)) return 0;
  let missed = 0;
  try {
    for (const { number, headSha } of await deps.github.pullRequests.listOpen(addressOf(project))) {
      if ((await latestRuns(deps, project, headSha)).size > 0) continue;
      await syncPullRequest(deps, { project, number, trigger: { kind: 'pull_request' } });
      missed += 1;
    }
  } catch (error) {
    // One repository that cannot be reached must not keep the others from being looked at.
    deps.log.warn({ project: project.id, err: error }, 'open pull requests could not be compared');
  }
  return missed;
}

function isOnGithub(project: Project): project is GithubProject {
  return project.github !== undefined;
}
