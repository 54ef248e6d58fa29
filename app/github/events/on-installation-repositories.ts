import type { Context } from 'probot';
import type { GithubDeps } from '../../usecases/github/github-deps.ts';
import { setProjectAtRest } from '../../usecases/github/github-project.ts';
import { wakeInstallation } from '../../usecases/github/installation.ts';

/** Repositories were given to the App, or taken from it. */
export async function onInstallationRepositories(
  deps: GithubDeps,
  payload: Context<'installation_repositories'>['payload'],
): Promise<void> {
  for (const { id } of payload.repositories_removed) {
    if (id !== undefined) await setProjectAtRest(deps, id, true);
  }
  const added = new Set(payload.repositories_added.map(({ id }) => id));
  if (added.size > 0) await wakeInstallation(deps, payload.installation.id, added);
}
