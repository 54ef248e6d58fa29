import type { PullRequest } from '../../ports/github.ts';
import { later } from '../deps.ts';
import { TryLater } from '../model/errors.ts';
import { holder } from '../model/ids.ts';
import type { Run, Trigger } from '../model/run.ts';
import { addressOf, type GithubProject } from '../projects/github-project.ts';
import { cancelSuperseded } from './cancel-runs.ts';
import { endPullRequest } from './end-pull-request.ts';
import type { GithubDeps } from './github-deps.ts';
import { uncancellableSuites } from './superseding.ts';
import { type TestedCommit, testCommit } from './test-commit.ts';

export interface PullRequestLook {
  readonly project: GithubProject;
  readonly number: number;
  readonly trigger: Trigger;
  /** The commit that a fresh event says was replaced: where GitHub still answers with it, its answer is behind. */
  readonly replaced?: string;
  /** Somebody with write access let this commit of a fork be tested. */
  readonly approvedSha?: string;
}

const notApproved =
  'The pull request comes from a fork, so its code is tested only after somebody with write access to this repository has looked at it and commented `/ok-to-test`. A new commit asks again.';

/**
 * Makes what Berth does for a pull request equal to what the pull request is now: tests for its latest commit while it
 * is open, nothing held or running when it is closed. What kind of event led here does not matter, nor how often.
 *
 * @returns undefined where there is nothing to test.
 * @throws TryLater where GitHub's answer is older than the event.
 */
export async function syncPullRequest(
  deps: GithubDeps,
  look: PullRequestLook,
): Promise<TestedCommit | undefined> {
  const { project, number } = look;
  const at = addressOf(project);
  const who = holder.pullRequest(number);
  // Read before GitHub is asked: what GitHub says afterwards is newer than this.
  const before = await deps.store.stacks.readHolder(project.id, who);
  const pull = await deps.github.pullRequests.get(at, number);
  if (pull === undefined || !pull.isOpen) {
    await endPullRequest(deps, project, number);
    return undefined;
  }
  if (look.replaced === pull.headSha)
    throw new TryLater(later(deps.clock.now(), 3), 'GitHub does not show the new commit yet');
  if (before?.closed !== undefined) {
    // GitHub's answers may be some seconds behind: only one from after the closing says that it was opened again.
    if (pull.updatedAt <= before.closed)
      throw new TryLater(later(deps.clock.now(), 3), 'GitHub still shows the pull request as open');
    await deps.store.stacks.reopenHolder(project.id, who);
  }
  const tested = await testCommit(deps, commitOf(deps, look, pull));
  await cancelSuperseded(deps, project, {
    sha: pull.headSha,
    keep: uncancellableSuites(tested.settings),
    fits: (run) => isOf(run, pull),
    isNewest: async () => (await deps.github.pullRequests.get(at, number))?.headSha === pull.headSha,
  });
  return tested;
}

function isOf(run: Run, pull: PullRequest): boolean {
  if (run.github?.pullRequest !== undefined) return run.github.pullRequest === pull.number;
  // Runs from before the pull request was opened.
  return !pull.isFork && run.spec.branch === pull.headBranch;
}

function commitOf(deps: GithubDeps, look: PullRequestLook, pull: PullRequest) {
  const { project, number } = look;
  const isRefused = pull.isFork && look.approvedSha !== pull.headSha;
  return {
    project,
    sha: pull.headSha,
    origin: {
      branch: pull.headBranch,
      pullRequest: number,
      untrusted: pull.isFork,
      ...(pull.isFork ? { ref: `refs/pull/${number}/head` } : {}),
    },
    baseBranch: pull.baseBranch,
    settingsRef: pull.isFork ? pull.baseBranch : pull.headSha,
    change: { targetBranch: pull.baseBranch, isDraft: pull.isDraft },
    changedFiles: () =>
      deps.github.repositories.changedFiles(addressOf(project), pull.baseBranch, pull.headSha),
    trigger: look.trigger,
    ...(isRefused ? { refusal: notApproved } : {}),
  };
}
