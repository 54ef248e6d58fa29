import { omitUndefined } from '../../lib/omit-undefined.ts';
import type { Deps, StoreDeps } from '../deps.ts';
import { BerthError, type ErrorCode } from '../model/errors.ts';
import type { ProjectId, RunId } from '../model/ids.ts';
import { type Outcome, outcomeWithoutResult } from '../model/outcome.ts';
import type { Project } from '../model/project.ts';
import type { Run, RunSpec } from '../model/run.ts';
import { servicesUnsupported } from '../model/service.ts';
import { refuseSuspended } from '../projects/project-of.ts';
import { checkCommit } from './check-start.ts';
import type { KnownRun } from './known-run.ts';
import { type NewRun, newRun } from './new-run.ts';

export type ActiveRuns = ReturnType<typeof activeRunsOf>;

/** The active runs of a project in one pass: read once, and extended by those that it starts. */
export function activeRunsOf({ store }: StoreDeps, projectId: ProjectId) {
  const own = new Set<RunId>();
  let listed: readonly RunId[] | undefined;
  return {
    async ids(): Promise<ReadonlySet<RunId>> {
      listed ??= await store.runs.listActiveIds(projectId);
      return new Set([...listed, ...own]);
    },
    started: (id: RunId): void => void own.add(id),
  };
}

export interface StartRequest extends Omit<NewRun, 'projectId'> {
  /** The same `id` makes the same run: a repeated request finds the run of the first. */
  readonly project: Project;
  /** Facts that the caller has read: the active runs, the record of the holder, and that no run is likely to have this `id`. */
  readonly seen?: {
    readonly isMissing: true;
    readonly active: ActiveRuns;
    readonly holder?: KnownRun['holder'];
  };
}

export type StartDeps = Pick<Deps, 'store' | 'clock' | 'enqueue' | 'disk' | 'policy' | 'budgets'>;

/** Temporary reasons to refuse a run. */
const passing: ReadonlySet<ErrorCode> = new Set([
  'too_many_runs',
  'storage_full',
  'data_dir_missing',
  'database_damaged',
]);

/** Whether a refusal to start a run is temporary. */
export function isPassing(error: unknown): error is BerthError {
  return error instanceof BerthError && passing.has(error.code);
}

/**
 * Records a run and enqueues it. Does not launch anything.
 *
 * @throws BerthError `project_suspended`, `not_approved`, `storage_full`, `data_dir_missing`, `too_many_runs`, `budget_exceeded`,
 *   `services_unsupported`, `conflict` where the ID is another project's.
 */
export async function startRun(
  deps: StartDeps,
  request: StartRequest,
): Promise<{ run: Run; created: boolean }> {
  const { project } = request;
  refuseSuspended(project);
  refuseUntrustedDeploy(request);
  const earlier = request.seen === undefined ? await deps.store.runs.get(request.id) : undefined;
  if (earlier !== undefined) return { run: ofProject(earlier, project), created: false };
  // Runs of a branch were checked there; all others may name the commit of a fork.
  if (request.github === undefined) await checkCommit(deps, project, request);
  if (request.ended === undefined) {
    const problem = await deps.disk?.problem();
    if (problem !== undefined) throw problem;
    await refuseTooMany(project, request.seen?.active ?? activeRunsOf(deps, project.id));
  }
  const refusal =
    request.ended === undefined
      ? (servicesRefusal(deps, request.spec) ?? (await budgetRefusal(deps, project)))
      : undefined;
  if (refusal !== undefined && !isShownOnGithub(request)) throw refusal;
  const ended =
    refusal === undefined ? request.ended : { state: 'errored' as const, outcome: outcomeOfRefusal(refusal) };

  const { run, created } = await deps.store.runs.create(
    newRun(
      omitUndefined({
        ...request,
        ended,
        spec: limitTime(deps, project, request.spec),
        projectId: project.id,
      }),
      deps.clock.now(),
    ),
  );
  ofProject(run, project);
  request.seen?.active.started(run.id);
  const known = omitUndefined({ run, project, holder: request.seen?.holder });
  await deps.enqueue(run.id, created ? known : undefined);
  return { run, created };
}

/** Refuses to deploy the changes of a fork, no matter how the run was requested. */
function refuseUntrustedDeploy({ spec, ended }: StartRequest): void {
  if (spec.deploy === undefined || ended !== undefined) return;
  if (!spec.untrusted && spec.stack !== undefined) return;
  throw new BerthError('conflict', 'The commit comes from a fork, and is not deployed.', {
    hint: 'Push it to a branch of the repository to deploy it.',
  });
}

function ofProject(run: Run, project: Project): Run {
  if (run.projectId === project.id) return run;
  throw new BerthError('conflict', `The run ID ${run.id} is already taken.`, {
    hint: 'Choose another run_id, or omit it.',
  });
}

/** Cuts the time limit to that of the project and the server. The check and the report of the run say so. */
function limitTime({ policy }: Pick<Deps, 'policy'>, { settings }: Project, spec: RunSpec): RunSpec {
  const limits = [policy.maxRunSeconds, settings.maxRunSeconds].filter((limit) => limit !== undefined);
  const timeoutSeconds = Math.min(spec.timeoutSeconds, ...limits);
  if (timeoutSeconds === spec.timeoutSeconds) return spec;
  const cut = `The time limit is ${timeoutSeconds} s instead of ${spec.timeoutSeconds} s, because the ${timeoutSeconds === settings.maxRunSeconds ? 'project' : 'server'} allows no more.`;
  return { ...spec, timeoutSeconds, note: spec.note === undefined ? cut : `${cut} ${spec.note}` };
}

function servicesRefusal({ policy }: Pick<Deps, 'policy'>, { services }: RunSpec): BerthError | undefined {
  const { withoutServices } = policy;
  if (withoutServices === undefined || services === undefined || services.length === 0) return undefined;
  return servicesUnsupported(withoutServices, services);
}

async function budgetRefusal(
  { budgets }: Pick<Deps, 'budgets'>,
  project: Project,
): Promise<BerthError | undefined> {
  try {
    await budgets?.check(project);
    return undefined;
  } catch (error) {
    if (error instanceof BerthError && error.code === 'budget_exceeded') return error;
    throw error;
  }
}

/** An event of GitHub has no reader for an error: the check shows it instead. */
function isShownOnGithub({ github, trigger }: StartRequest): boolean {
  return github !== undefined && !['api', 'action', 'retry'].includes(trigger.kind);
}

function outcomeOfRefusal({ message, hint, code }: BerthError): Outcome {
  return outcomeWithoutResult([message, hint].filter(Boolean).join(' '), code);
}

async function refuseTooMany(project: Project, active: ActiveRuns): Promise<void> {
  const { size } = await active.ids();
  if (size < project.settings.maxActiveRuns) return;
  throw new BerthError(
    'too_many_runs',
    `Project ${project.name} has ${size} active runs. Its limit is ${project.settings.maxActiveRuns}.`,
    {
      hint: 'Wait for some to end, cancel some, or raise maxActiveRuns in the project settings.',
    },
  );
}
