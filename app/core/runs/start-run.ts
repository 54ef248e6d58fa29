import type { Deps } from '../deps.ts';
import { BerthError } from '../model/errors.ts';
import type { Project } from '../model/project.ts';
import type { Run } from '../model/run.ts';
import { cancelRun } from './cancel-run.ts';
import { checkCommit } from './check-start.ts';
import { type NewRun, newRun } from './new-run.ts';

export interface StartRequest extends Omit<NewRun, 'projectId'> {
  /** The same `id` makes the same run: a repeated request finds the run of the first. */
  readonly project: Project;
  /** Cancels active runs of the same branch and suite for older commits. */
  readonly supersede?: boolean;
}

export type StartDeps = Pick<Deps, 'store' | 'clock' | 'enqueue' | 'disk'>;

/**
 * Records that a run is wanted, and has it looked at. Nothing is launched here.
 *
 * @throws BerthError `project_suspended`, `not_approved`, `storage_full`, `data_dir_missing`, `too_many_runs`, `conflict`
 *   where the id is another project's.
 */
export async function startRun(
  deps: StartDeps,
  request: StartRequest,
): Promise<{ run: Run; created: boolean }> {
  const { project } = request;
  if (project.suspendedAt !== undefined) {
    throw new BerthError(
      'project_suspended',
      `Project ${project.name} is at rest: the GitHub App was removed from it.`,
      {
        hint: 'Install the App on the repository again.',
      },
    );
  }
  const known = await deps.store.runs.get(request.id);
  if (known !== undefined) return { run: ofProject(known, project), created: false };
  // What comes from a branch was checked there; everything else may name the commit of a fork.
  if (request.github === undefined) await checkCommit(deps, project, request.sha);
  if (request.ended === undefined) {
    const problem = await deps.disk?.problem();
    if (problem !== undefined) throw problem;
    await refuseTooMany(deps, project);
  }

  const { run, created } = await deps.store.runs.create(
    newRun({ ...request, projectId: project.id }, deps.clock.now()),
  );
  ofProject(run, project);
  if (created && request.supersede === true) await cancelOlder(deps, run);
  await deps.enqueue(run.id);
  return { run, created };
}

function ofProject(run: Run, project: Project): Run {
  if (run.projectId === project.id) return run;
  throw new BerthError('conflict', `The run id ${run.id} is taken.`, {
    hint: 'Choose another run_id, or none.',
  });
}

async function refuseTooMany(deps: StartDeps, project: Project): Promise<void> {
  const active = await deps.store.runs.countActive(project.id);
  if (active < project.settings.maxActiveRuns) return;
  throw new BerthError(
    'too_many_runs',
    `Project ${project.name} has ${active} active runs, and may have ${project.settings.maxActiveRuns}.`,
    {
      hint: 'Wait for some to end, cancel some, or raise maxActiveRuns in the project settings.',
    },
  );
}

async function cancelOlder(deps: StartDeps, run: Run): Promise<void> {
  const active = await deps.store.runs.listActive(run.projectId);
  const older = active.filter(
    (other) =>
      other.id !== run.id &&
      other.spec.teardownOf === undefined &&
      other.spec.branch === run.spec.branch &&
      other.spec.suite === run.spec.suite &&
      other.github?.pullRequest === run.github?.pullRequest &&
      other.sha !== run.sha &&
      other.createdAt <= run.createdAt,
  );
  const reason = `A newer commit of ${run.spec.branch} was pushed${run.sha === undefined ? '' : ` (${run.sha.slice(0, 7)})`}.`;
  await Promise.all(older.map((other) => cancelRun(deps, { id: other.id, reason })));
}
