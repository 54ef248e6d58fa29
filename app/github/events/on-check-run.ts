import type { Context } from 'probot';
import { approveCommit } from '../../core/branches/approve-commit.ts';
import { branchOfRun, isOfBranch, isOfTag, ownBranch } from '../../core/branches/branch-of.ts';
import { releaseStackOfBranch } from '../../core/branches/branch-stack.ts';
import { reconcileBranch } from '../../core/branches/reconcile-branch.ts';
import type { StoreDeps } from '../../core/deps.ts';
import { type Branch, mayRun } from '../../core/model/branch.ts';
import { runId } from '../../core/model/ids.ts';
import { isActive, type Run } from '../../core/model/run.ts';
import { addressOf, type GithubProject } from '../../core/projects/github-project.ts';
import { cancelRun } from '../../core/runs/cancel-run.ts';
import { retestRun } from '../../core/runs/retest-run.ts';
import { retestSuites } from '../../core/runs/retest-suites.ts';
import { actorOf, type EventDeps, isBot, noCommit, projectOfEvent } from './event-context.ts';

/** A button of a check run was pressed: GitHub's "Re-run", or one of Berth's. */
export async function onCheckRun(
  deps: EventDeps,
  payload: Context<'check_run.rerequested' | 'check_run.requested_action'>['payload'],
  deliveryId: string,
): Promise<void> {
  const project = await projectOfEvent(deps, payload);
  if (project === undefined) return;
  const { external_id: externalId } = payload.check_run;
  const run =
    externalId === null || externalId === '' ? undefined : await deps.store.runs.get(runId(externalId));
  if (run?.projectId !== project.id) return;
  const { sender } = payload;
  if (!(await mayPress(deps, project, sender))) return;
  const actor = sender.login;
  const button = payload.action === 'rerequested' ? 'retest-failed' : payload.requested_action?.identifier;
  switch (button) {
    case 'cancel':
      await cancelRun(deps, { id: run.id, reason: `${actor} canceled it.`, by: actor });
      return;
    case 'approve':
      // Only a person reviews.
      return isBot(sender) ? undefined : await approve(deps, project, run, actor);
    case 'release': {
      const branch = await branchOfRun(deps, project, run);
      if (branch !== undefined) await releaseStackOfBranch(deps, project, branch);
      return;
    }
    case 'retest':
    case 'retest-failed': {
      const failedOnly = button === 'retest-failed';
      return await retest(deps, project, run, { actor, key: deliveryId, failedOnly });
    }
  }
}

/** The button is on the check of one commit, and approves that commit only. */
async function approve(deps: EventDeps, project: GithubProject, run: Run, by: string): Promise<void> {
  const pull = run.github?.pullRequest;
  const branch = await branchOfRun(deps, project, run);
  if (pull === undefined || branch === undefined || run.sha === undefined) return;
  const writtenAt = deps.clock.now();
  const answer = await approveCommit(deps, { project, branch, pull, by, sha: run.sha, writtenAt });
  await deps.github.conversations.reply(addressOf(project), pull, `approval-${run.id}`, answer);
}

async function retest(
  deps: EventDeps,
  project: GithubProject,
  run: Run,
  { actor, key, failedOnly }: { actor: string; key: string; failedOnly: boolean },
): Promise<void> {
  const trigger = { kind: 'check_run', actor } as const;
  if (isOfTag(run)) {
    if (run.state === 'skipped' || run.spec.teardownOf !== undefined || isActive(run)) return;
    await retestRun(deps, { project, run, trigger, key, failedOnly });
    return;
  }
  const branch = await branchThatWants(deps, project, run);
  // A run that was refused or skipped is not just repeated: the settings, or the approval of a fork, decide again.
  if (run.state === 'skipped' || run.spec.suite === 'settings' || branch === undefined) {
    const target = branch ?? ownBranch(project, run.spec.branch);
    await reconcileBranch(deps, project, target, { trigger });
    return;
  }
  if (!branch.isOpen || run.sha === undefined) return;
  const fits = (one: Run) => isOfBranch(one, branch, project);
  await retestSuites(deps, {
    project,
    sha: run.sha,
    which: [run.spec.suite],
    failedOnly,
    trigger,
    key,
    fits,
  });
}

/** The branch of the run; if that is closed, another one that is open at the same commit. */
async function branchThatWants(
  deps: StoreDeps,
  project: GithubProject,
  run: Run,
): Promise<Branch | undefined> {
  const branch = await branchOfRun(deps, project, run);
  if (branch === undefined || branch.isOpen || run.sha === undefined) return branch;
  const others = await deps.store.branches.atCommit(project.id, run.sha);
  return others.find(({ isOpen }) => isOpen) ?? branch;
}

/** GitHub asks for the checks of a commit: at every push, and when a person chooses "Re-run all checks". */
export async function onCheckSuite(
  deps: EventDeps,
  payload: Context<'check_suite.requested' | 'check_suite.rerequested'>['payload'],
  deliveryId: string,
): Promise<void> {
  const project = await projectOfEvent(deps, payload);
  if (project === undefined) return;
  const { head_sha: sha, head_branch: name, before } = payload.check_suite;
  if (payload.action === 'rerequested') {
    if (!(await mayPress(deps, project, payload.sender))) return;
    const trigger = { kind: 'check_run', ...actorOf(payload) } as const;
    // GitHub shows none of the others: runs of clients, of closed branches, and of forks without an approval.
    const branches = (await deps.store.branches.atCommit(project.id, sha)).filter(
      (branch) => branch.isOpen && mayRun(branch),
    );
    const fits = (run: Run): boolean =>
      isOfTag(run) ? run.github !== undefined : branches.some((branch) => isOfBranch(run, branch, project));
    await retestSuites(deps, { project, sha, which: 'all', trigger, key: deliveryId, fits });
    return;
  }
  if (name === null) return;
  await reconcileBranch(deps, project, ownBranch(project, name), {
    trigger: { kind: 'push', ...actorOf(payload) },
    aspect: noCommit.test(before ?? '') ? 'created' : 'head',
    // The push of the same commit has usually done the same already.
    isKnown: ({ isOpen, head }) => isOpen && head === sha,
  });
}

/** GitHub shows the buttons to people without write access as well, and sends what they press. */
async function mayPress(
  { github }: Pick<EventDeps, 'github'>,
  project: GithubProject,
  sender: { readonly login: string; readonly type?: string },
): Promise<boolean> {
  return isBot(sender) || (await github.repositories.mayWrite(addressOf(project), sender.login));
}
