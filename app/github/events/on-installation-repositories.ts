import type { Context } from 'probot';
import type { GithubDeps } from '../../core/branches/github-deps.ts';
import { setProjectSuspended } from '../../core/projects/github-project.ts';
import { resumeInstallation } from '../../core/projects/installation.ts';

/** Repositories were given to the App, or taken from it. */
export async function onInstallationRepositories(
  deps: GithubDeps,
  payload: Context<'installation_repositories'>['payload'],
): Promise<void> {
  for (const { id } of payload.repositories_removed) {
    if (id !== undefined) await setProjectSuspended(deps, id, true);
  }
  const added = new Set(payload.repositories_added.map(({ id }) => id));
  if (added.size > 0) await resumeInstallation(deps, payload.installation.id, added);
}
