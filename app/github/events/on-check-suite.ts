import type { Context } from 'probot';
import { isOfBranch, isOfTag, ownBranch } from '../../core/branches/branch-of.ts';
import { reconcileBranch } from '../../core/branches/reconcile-branch.ts';
import { mayRun } from '../../core/model/branch.ts';
import type { Run } from '../../core/model/run.ts';
import { addressOf } from '../../core/projects/github-project.ts';
import { retestSuites } from '../../core/runs/retest-suites.ts';
import { actorOf, type EventDeps, isBot, noCommit, projectOfEvent } from './event-context.ts';

type Payload = Context<'check_suite.requested' | 'check_suite.rerequested'>['payload'];

/** GitHub asks for the checks of a commit: at every push, and when a person chooses “Re-run all checks”. */
export async function onCheckSuite(deps: EventDeps, payload: Payload, deliveryId: string): Promise<void> {
  const project = await projectOfEvent(deps, payload);
  if (project === undefined) return;
  const { head_sha: sha, head_branch: name, before } = payload.check_suite;
  if (payload.action === 'rerequested') {
    const { sender } = payload;
    if (!isBot(sender) && !(await deps.github.repositories.mayWrite(addressOf(project), sender.login)))
      return;
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
