import type { Run, Trigger } from '../model/run.ts';
import type { GithubProject } from '../projects/github-project.ts';
import type { GithubDeps } from './github-deps.ts';
import { syncBranch } from './sync-branch.ts';
import { syncPullRequest } from './sync-pull-request.ts';

/** Looks again at the pull request, or the branch, that a run was for. */
export async function syncRun(
  deps: GithubDeps,
  project: GithubProject,
  run: Run,
  trigger: Trigger,
): Promise<void> {
  const number = run.github?.pullRequest;
  if (number === undefined) await syncBranch(deps, { project, branch: run.spec.branch, trigger });
  else await syncPullRequest(deps, { project, number, trigger });
}
