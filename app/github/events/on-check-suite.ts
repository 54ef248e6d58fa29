import type { Context } from 'probot';
import type { GithubDeps } from '../../core/branches/github-deps.ts';
import { syncBranch } from '../../core/branches/sync-branch.ts';
import { isQueueBranch } from '../../core/model/merge-queue.ts';
import { latestRuns } from '../../core/runs/latest-runs.ts';
import { retestSuites } from '../../core/runs/retest-suites.ts';
import { actorOf, projectOfEvent } from './event-context.ts';

type Payload = Context<'check_suite.requested' | 'check_suite.rerequested'>['payload'];

/** GitHub asks for the checks of a commit: at every push, and when somebody presses “Re-run all checks”. */
export async function onCheckSuite(deps: GithubDeps, payload: Payload, deliveryId: string): Promise<void> {
  const project = await projectOfEvent(deps, payload);
  if (project === undefined) return;
  const { head_sha: sha, head_branch: branch } = payload.check_suite;
  if (payload.action === 'rerequested') {
    const trigger = { kind: 'check_run', ...actorOf(payload) } as const;
    await retestSuites(deps, { project, sha, which: 'all', trigger, key: deliveryId });
  }
  // The push of the same commit has led to the same already, mostly.
  if (branch === null || isQueueBranch(branch) || (await latestRuns(deps, project, sha)).size > 0) return;
  await syncBranch(deps, { project, branch, trigger: { kind: 'push', ...actorOf(payload) } });
}
