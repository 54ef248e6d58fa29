import { BerthError } from '../model/errors.ts';
import type { Project } from '../model/project.ts';

/** Why the runs of a project ended that is suspended. */
export const suspendedReason = 'The GitHub App was removed from the repository.';

/**
 * Refuses what a suspended project must not begin.
 *
 * @throws BerthError `project_suspended`.
 */
export function refuseSuspended({ name, suspendedAt }: Pick<Project, 'name' | 'suspendedAt'>): void {
  if (suspendedAt === undefined) return;
  throw new BerthError(
    'project_suspended',
    `Project ${name} is suspended: the GitHub App was removed from it.`,
    { hint: 'Install the App on the repository again.' },
  );
}
