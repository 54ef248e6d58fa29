import { later } from '../deps.ts';
import { TryLater } from '../model/errors.ts';
import { holder } from '../model/ids.ts';
import type { Run, Trigger } from '../model/run.ts';
import { applyPoolSettings } from '../projects/apply-pool-settings.ts';
import { addressOf, type GithubProject } from '../projects/github-project.ts';
import { releaseHolder } from '../stacks/release-stack.ts';
import { cancelRuns, cancelSuperseded } from './cancel-runs.ts';
import type { GithubDeps } from './github-deps.ts';
import { uncancellableSuites } from './superseding.ts';
import { syncPullRequest } from './sync-pull-request.ts';
import { testCommit } from './test-commit.ts';

export interface BranchLook {
  readonly project: GithubProject;
  readonly branch: string;
  readonly trigger: Trigger;
  /** The commit that the branch was at before; what changed since then is what was pushed. */
  readonly before?: string;
  /** The commit that a fresh event says was replaced: where GitHub still answers with it, its answer is behind. */
  readonly replaced?: string;
}

/**
 * Makes what Berth does for a branch equal to what the branch is now: its latest commit is tested, as its pull
 * request's where it has one; a branch that is gone runs and holds nothing.
 *
 * @throws TryLater where GitHub's answer is older than the event.
 */
export async function syncBranch(deps: GithubDeps, look: BranchLook): Promise<void> {
  const { project, branch } = look;
  const at = addressOf(project);
  const sha = await deps.github.repositories.headOf(at, branch);
  if (sha === undefined) return await endBranch(deps, project, branch);
  if (sha === look.replaced)
    throw new TryLater(later(deps.clock.now(), 3), 'GitHub does not show the new commit yet');

  const pulls = await deps.github.pullRequests.listOpenOfBranch(at, branch);
  if (pulls.length > 0) {
    const more = look.replaced === undefined ? {} : { replaced: look.replaced };
    for (const { number } of pulls)
      await syncPullRequest(deps, { project, number, trigger: look.trigger, ...more });
    return;
  }
  const isDefault = branch === project.github.defaultBranch;
  // Where the branch began nobody says: what it has that the default branch has not is the best answer.
  const base = look.before ?? (isDefault ? undefined : project.github.defaultBranch);
  const tested = await testCommit(deps, {
    project,
    sha,
    origin: { branch, untrusted: false },
    settingsRef: sha,
    change: { targetBranch: branch, isDraft: false },
    changedFiles: async () =>
      base === undefined ? undefined : deps.github.repositories.changedFiles(at, base, sha),
    trigger: look.trigger,
  });
  if (isDefault && tested.settings !== undefined)
    await applyPoolSettings(deps, project.id, tested.settings.stack);
  await cancelSuperseded(deps, project, {
    sha,
    keep: uncancellableSuites(tested.settings),
    fits: (run) => isOfBranch(run, branch),
    isNewest: async () => (await deps.github.repositories.headOf(at, branch)) === sha,
  });
}

async function endBranch(deps: GithubDeps, project: GithubProject, branch: string): Promise<void> {
  const reason = `The branch ${branch} was deleted.`;
  await cancelRuns(deps, project, { fits: (run) => isOfBranch(run, branch), reason });
  await releaseHolder(deps, project, holder.branch(branch));
}

function isOfBranch(run: Run, branch: string): boolean {
  return run.spec.branch === branch && run.github !== undefined && run.github.pullRequest === undefined;
}
