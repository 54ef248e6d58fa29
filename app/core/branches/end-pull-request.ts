import { holder } from '../model/ids.ts';
import type { GithubProject } from '../projects/github-project.ts';
import { releaseHolder } from '../stacks/release-stack.ts';
import { cancelRuns } from './cancel-runs.ts';
import type { GithubDeps } from './github-deps.ts';

/**
 * A pull request is closed. First the tombstone, so that nobody who comes late takes a stack for it; then what runs is
 * cancelled; then the stack goes to the next in line, here or, where a run must stop first, when that run is settled.
 */
export async function endPullRequest(
  deps: GithubDeps,
  project: GithubProject,
  number: number,
): Promise<void> {
  const who = holder.pullRequest(number);
  await deps.store.stacks.closeHolder(project.id, who, deps.clock.now());
  await cancelRuns(deps, project, {
    fits: (run) => run.github?.pullRequest === number,
    reason: 'The pull request was closed.',
  });
  await releaseHolder(deps, project, who);
}
