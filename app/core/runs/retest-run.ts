import { omitUndefined } from '../../lib/omit-undefined.ts';
import type { Deps, StoreClockDeps } from '../deps.ts';
import type { Branch } from '../model/branch.ts';
import { holder, type RunId, runId, runOfHolder } from '../model/ids.ts';
import type { Project } from '../model/project.ts';
import type { Run, RunSpec, StackRequirement, Trigger } from '../model/run.ts';
import { changeRun } from './cancel-run.ts';
import { checkRetest } from './check-start.ts';
import { unpublished } from './new-run.ts';
import { type StartDeps, startRun } from './start-run.ts';

export type RetestDeps = StartDeps & Pick<Deps, 'ids'>;

/**
 * Starts a new run with the specification of an earlier run, if {@link checkRetest} allows it. The earlier run stays
 * unchanged.
 *
 * @param request.key identifies the request, so that a repeated delivery creates one run.
 * @param request.failedOnly run only the tests that failed. Where that is not possible, the suite runs and says so.
 * @param request.redeployOn a run needs this deployment on its stack; no person asked for it.
 * @throws BerthError `conflict`, `branch_closed`, `not_approved`, `project_suspended`, `too_many_runs`.
 */
export async function retestRun(
  deps: RetestDeps,
  request: {
    project: Project;
    run: Run;
    trigger: Trigger;
    key: string;
    attempt?: number;
    failedOnly?: boolean | undefined;
    redeployOn?: StackRequirement;
  },
): Promise<{ run: Run; created: boolean }> {
  const { project, run } = request;
  const branch = await checkRetest(deps, project, run, request.trigger);
  const id = runId(await deps.ids.derived('retest', run.id, request.key));
  // The new run gets its own check run, and is its own holder if the old one was.
  const requirement = run.spec.stack;
  // The holder of a deployment may be the run that it is for.
  const ownHold = requirement !== undefined && runOfHolder(requirement.holder) !== undefined;
  const stack =
    request.redeployOn ??
    (requirement === undefined
      ? undefined
      : ownHold
        ? { ...requirement, holder: holder.run(id) }
        : ofBranch(requirement, branch));
  const started = await startRun(
    deps,
    omitUndefined({
      project,
      id,
      spec: retested(
        stack === undefined ? run.spec : { ...run.spec, stack },
        request.redeployOn === undefined,
      ),
      trigger: request.trigger,
      retryOf: run.id,
      failedOnly: request.failedOnly === true && hasFailedTests(run) ? (true as const) : undefined,
      attempt: request.attempt,
      sha: run.sha,
      github: run.github === undefined ? undefined : unpublished(run.github),
    }),
  );
  const isDeploy = run.spec.deploy !== undefined && stack?.holder === requirement?.holder;
  // A run that is tried again by itself names the next attempt when it is settled.
  const isNeeded = run.spec.isNeeded === true && request.trigger.kind !== 'retry';
  if (isDeploy || isNeeded) await noteRedeploy(deps, run, started.run.id);
  return started;
}

/** Deployments have no tests, and a suite that succeeded has none that failed. */
function hasFailedTests({ spec, state }: Run): boolean {
  return spec.deploy === undefined && state !== 'succeeded' && state !== 'skipped';
}

/** A deployment that a person asks for runs even if nothing has changed. */
function retested(spec: RunSpec, isAsked: boolean): RunSpec {
  if (spec.deploy === undefined) return spec;
  const { isForced: _, ...rules } = spec.deploy;
  return { ...spec, deploy: isAsked ? { ...rules, isForced: true } : rules };
}

/** A branch and its pull requests have one holder, regardless of that of an earlier run. */
function ofBranch(requirement: StackRequirement, branch: Branch | undefined): StackRequirement {
  if (branch === undefined) return requirement;
  return { ...requirement, holder: branch.holder, hold: requirement.hold === 'run' ? 'run' : 'branch' };
}

/** Notes which run repeats this one, so that runs which need it wait for that one. */
async function noteRedeploy(deps: StoreClockDeps, deploy: Run, by: RunId): Promise<void> {
  await changeRun(deps, deploy, (run) => (run.redeployedBy === by ? run : { ...run, redeployedBy: by }));
}
