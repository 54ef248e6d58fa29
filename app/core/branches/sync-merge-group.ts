import type { Trigger } from '../model/run.ts';
import { addressOf, type GithubProject } from '../projects/github-project.ts';
import { cancelRuns } from './cancel-runs.ts';
import type { GithubDeps } from './github-deps.ts';
import { testCommit } from './test-commit.ts';

export interface MergeGroup {
  readonly project: GithubProject;
  readonly sha: string;
  readonly branch: string;
  readonly baseBranch: string;
  readonly baseSha: string;
  readonly trigger: Trigger;
}

/** Tests what a merge queue is about to merge. */
export async function testMergeGroup(deps: GithubDeps, group: MergeGroup): Promise<void> {
  const { project, sha, branch, baseBranch, baseSha, trigger } = group;
  await testCommit(deps, {
    project,
    sha,
    // Whoever may merge put it into the queue: the code is as trusted as the branch that it goes to.
    origin: { branch, untrusted: false },
    baseBranch,
    settingsRef: sha,
    change: { targetBranch: baseBranch, isDraft: false },
    changedFiles: () => deps.github.repositories.changedFiles(addressOf(project), baseSha, sha),
    trigger,
  });
}

/** The group was merged, or taken out of the queue. */
export async function endMergeGroup(deps: GithubDeps, project: GithubProject, branch: string): Promise<void> {
  const reason = 'The merge group is not in the queue any more.';
  await cancelRuns(deps, project, { fits: (run) => run.spec.branch === branch, reason });
}
