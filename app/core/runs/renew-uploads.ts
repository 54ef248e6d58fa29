import type { RenewingTask } from '../../ports/renewals.ts';
import type { Deps } from '../deps.ts';
import { BerthError } from '../model/errors.ts';
import type { JobRenewal } from '../model/job.ts';
import { isActive, type Run } from '../model/run.ts';
import { projectOf } from '../projects/project-of.ts';
import type { RoleDeps } from '../stacks/assume-role.ts';
import { credentialsOf, uploadsOf } from './build-job.ts';

type RenewDeps = RoleDeps & Pick<Deps, 'renewals' | 'objects' | 'executor' | 'policy' | 'log'>;

/**
 * Issues fresh upload URLs to the task of an active run: signed URLs end with the credentials that signed them, which on
 * AWS may be long before the run does. While the run's hold lives, it also issues credentials of the run's role. The
 * task only needs the signature from its job. It is valid for one launch of one run, until that ends or
 * another launch replaces it.
 *
 * @throws BerthError `signature_invalid`, `run_ended`.
 */
export async function renewUploads(
  deps: RenewDeps,
  task: RenewingTask,
  signature: string,
): Promise<JobRenewal> {
  if (!(await deps.renewals.allows(task, signature))) {
    throw new BerthError('signature_invalid', 'The signature of this URL is not valid.', {
      hint: 'Use the exact URL from the job document.',
    });
  }
  const run = await deps.store.runs.get(task.runId);
  if (run === undefined || !isActive(run) || run.launches !== task.launch) {
    throw new BerthError(
      'run_ended',
      'This task is no longer needed: its run has ended, or has another task.',
    );
  }
  return {
    uploads: await uploadsOf(deps, run, await projectOf(deps, run.projectId)),
    renewUrl: await deps.renewals.urlOf(task),
    ...(await renewedCredentials(deps, run)),
  };
}

/** A task whose hold has ended no longer gets credentials, but may still upload its results. */
async function renewedCredentials(
  deps: RenewDeps,
  run: Run,
): Promise<Pick<JobRenewal, 'credentials' | 'credentialsRefused'>> {
  try {
    const credentials = await credentialsOf(deps, run);
    return credentials === undefined ? {} : { credentials };
  } catch (error) {
    if (error instanceof BerthError) return { credentialsRefused: error.message };
    // The task retries; its uploads must not wait for AWS.
    deps.log.warn({ runId: run.id, err: error }, 'the credentials of a role could not be renewed');
    return {};
  }
}
