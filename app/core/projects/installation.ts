import type { GithubDeps } from '../branches/github-deps.ts';
import { setProjectSuspended } from './github-project.ts';
import { setUpProject } from './set-up-project.ts';

/** The App may act for an installation: its repositories are projects, and none of them is at rest. */
export async function resumeInstallation(
  deps: GithubDeps,
  installationId: number,
  only?: ReadonlySet<number>,
): Promise<void> {
  for (const installed of await deps.github.repositories.listInstalled(installationId)) {
    const { repositoryId, owner, repo: name, defaultBranch } = installed;
    if (only !== undefined && !only.has(repositoryId)) continue;
    await setUpProject(deps, { repositoryId, installationId, owner, name, defaultBranch });
    await setProjectSuspended(deps, repositoryId, false);
  }
}

/** The App was removed, or suspended: everything of the installation comes to rest. What was is kept. */
export async function restInstallation(deps: GithubDeps, installationId: number): Promise<void> {
  let cursor: string | undefined;
  do {
    const page = await deps.store.projects.list(cursor);
    for (const { github } of page.items) {
      if (github?.installationId === installationId)
        await setProjectSuspended(deps, github.repositoryId, true);
    }
    cursor = page.cursor;
  } while (cursor !== undefined);
}
