import { branchOfRun, isOfTag } from '../branches/branch-of.ts';
import type { Deps } from '../deps.ts';
import { type Branch, mayRun } from '../model/branch.ts';
import { BerthError } from '../model/errors.ts';
import type { Project } from '../model/project.ts';
import type { Run, Trigger } from '../model/run.ts';

/**
 * The rule for running a commit again. Every way to do so goes through it: the REST API, the dashboard, the
 * CLI, comments, the buttons of a check, GitHub's own “Re-run”, and automatic retries.
 *
 * @returns the branch that the run belongs to, if it belongs to one.
 * @throws BerthError `conflict`, `branch_closed`, `not_approved`.
 */
export async function checkRetest(
  deps: Pick<Deps, 'store'>,
  project: Project,
  run: Run,
  trigger: Trigger,
): Promise<Branch | undefined> {
  if (run.spec.teardownOf !== undefined) {
    throw new BerthError('conflict', 'A teardown cannot be retested.', {
      hint: 'Release the stack again, or force its release.',
    });
  }
  const { github } = project;
  if (run.github === undefined || github === undefined) return undefined;
  if (run.spec.suite === 'settings') {
    throw new BerthError('conflict', 'The check of the settings cannot be retested: it runs no tests.', {
      hint: 'Push a commit that corrects .github/berth.yml.',
    });
  }
  if (isOfTag(run)) return undefined;
  const branch = await branchOfRun(deps, { ...project, github }, run);
  if (branch === undefined) {
    // A run of version 0.1.0 whose branch was not looked at yet.
    if (run.spec.untrusted) throw notApproved(run);
    return undefined;
  }
  if (!branch.isOpen || (trigger.kind === 'retry' && branch.head !== run.sha)) {
    throw new BerthError('branch_closed', `The branch ${branch.name} no longer needs this run.`, {
      hint: 'Reopen its pull request, or push to the branch.',
    });
  }
  // An approval is for one commit: an older commit of a fork is not approved by that of the head.
  if (run.spec.untrusted && !(mayRun(branch) && branch.head === run.sha)) throw notApproved(run);
  return branch;
}

/**
 * Refuses to start a commit that is only known as the head of a fork that no one approved.
 *
 * @throws BerthError `not_approved`.
 */
export async function checkCommit(
  deps: Pick<Deps, 'store'>,
  project: Project,
  sha: string | undefined,
): Promise<void> {
  if (project.github === undefined || sha === undefined) return;
  const branches = await deps.store.branches.atCommit(project.id, sha);
  if (branches.length > 0 && !branches.some(mayRun)) throw notApproved({ sha });
}

function notApproved({ sha }: Pick<Run, 'sha'>): BerthError {
  return new BerthError(
    'not_approved',
    `The commit ${sha ?? ''} comes from a fork, and no one with write access approved it.`,
    { hint: 'Review the commit. Then comment /ok-to-test on the pull request.' },
  );
}
