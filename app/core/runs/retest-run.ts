import { omitUndefined } from '../../lib/omit-undefined.ts';
import type { Deps } from '../deps.ts';
import type { Branch } from '../model/branch.ts';
import { holder, runId } from '../model/ids.ts';
import type { Project } from '../model/project.ts';
import type { Run, StackRequirement, Trigger } from '../model/run.ts';
import { checkRetest } from './check-start.ts';
import { unpublished } from './new-run.ts';
import { type StartDeps, startRun } from './start-run.ts';

export type RetestDeps = StartDeps & Pick<Deps, 'ids'>;

/**
 * Starts a new run of what an earlier run did, if the rule of {@link checkRetest} allows it. The earlier run stays as it
 * ended.
 *
 * @param request.key identifies the request, so that a repeated delivery makes one run.
 * @throws BerthError `conflict`, `branch_closed`, `not_approved`, `project_suspended`, `too_many_runs`.
 */
export async function retestRun(
  deps: RetestDeps,
  request: { project: Project; run: Run; trigger: Trigger; key: string; attempt?: number },
): Promise<{ run: Run; created: boolean }> {
  const { project, run } = request;
  const branch = await checkRetest(deps, project, run, request.trigger);
  const id = runId(await deps.ids.derived('retest', run.id, request.key));
  // The new run shows itself: it has no check run yet, and holds for itself where the old one did.
  const requirement = run.spec.stack;
  const ownHold = requirement?.holder === `run:${run.id}`;
  const stack =
    requirement === undefined
      ? undefined
      : ownHold
        ? { ...requirement, holder: holder.run(id) }
        : ofBranch(requirement, branch);
  return startRun(
    deps,
    omitUndefined({
      project,
      id,
      spec: stack === undefined ? run.spec : { ...run.spec, stack },
      trigger: request.trigger,
      retryOf: run.id,
      attempt: request.attempt,
      sha: run.sha,
      github: run.github === undefined ? undefined : unpublished(run.github),
    }),
  );
}

/** A branch and its pull requests have one holder, whichever an earlier run had. */
function ofBranch(requirement: StackRequirement, branch: Branch | undefined): StackRequirement {
  if (branch === undefined) return requirement;
  return { ...requirement, holder: branch.holder, hold: requirement.hold === 'run' ? 'run' : 'branch' };
}
