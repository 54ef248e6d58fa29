import { once } from '../../lib/once.ts';
import type { InstalledRepository } from '../../ports/github.ts';
import type { GithubDeps, StoreDeps } from '../deps.ts';
import { BerthError } from '../model/errors.ts';
import type { GithubRepository } from '../model/project.ts';
import type { LineDeps } from '../stacks/grant-waiters.ts';
import { type GithubProject, isOnGithub, setProjectSuspended } from './github-project.ts';
import { allProjects } from './project-of.ts';
import { type SetUpDeps, setUpProject } from './set-up-project.ts';

export type InstallationDeps = LineDeps & SetUpDeps;

/**
 * Compares the projects of an installation with the repositories that GitHub lists for it: those that it lists are
 * active, all others that belong to it are suspended. The content of an event does not matter.
 */
export async function reconcileInstallation(deps: InstallationDeps, installationId: number): Promise<void> {
  const listed = await listRepositories(deps, installationId);
  const active = new Set<number>();
  const failures: unknown[] = [];
  const guarded = async (work: () => Promise<unknown>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      failures.push(error);
    }
  };
  for (const repository of listed) {
    if (!repository.isArchived) active.add(repository.repositoryId);
    await guarded(async () => {
      await setUpProject(deps, repositoryOf(repository));
      await setProjectSuspended(deps, repository.repositoryId, repository.isArchived);
    });
  }
  const listAgain = once(() => listRepositories(deps, installationId));
  for await (const { github, suspendedAt } of githubProjects(deps)) {
    const { repositoryId } = github;
    if (github.installationId !== installationId || active.has(repositoryId)) continue;
    await guarded(async () => {
      // One that is removed while the list is read moves another of a later page to a page that was read already.
      const isMissed = suspendedAt === undefined && isActiveIn(await listAgain(), repositoryId);
      if (!isMissed) await setProjectSuspended(deps, repositoryId, true);
    });
  }
  if (failures.length > 0) throw new AggregateError(failures, 'the comparison of some repositories failed');
}

function isActiveIn(listed: readonly InstalledRepository[], id: number): boolean {
  return listed.some(({ repositoryId, isArchived }) => repositoryId === id && !isArchived);
}

/**
 * Reads the current state of a repository that an event named.
 *
 * @returns undefined if the installation does not have it.
 */
export async function findInstalled(
  deps: Pick<GithubDeps, 'github'>,
  installationId: number,
  repositoryId: number,
): Promise<GithubRepository | undefined> {
  const listed = await listRepositories(deps, installationId);
  const found = listed.find((one) => one.repositoryId === repositoryId);
  return found && repositoryOf(found);
}

/** The projects that are repositories on GitHub, suspended ones included. */
export async function* githubProjects({ store }: StoreDeps): AsyncGenerator<GithubProject> {
  for await (const project of allProjects(store)) if (isOnGithub(project)) yield project;
}

/** An installation that was removed or suspended has no repositories. */
async function listRepositories(
  { github }: Pick<GithubDeps, 'github'>,
  installationId: number,
): Promise<readonly InstalledRepository[]> {
  try {
    return await github.repositories.listInstalled(installationId);
  } catch (error) {
    if (error instanceof BerthError && error.code === 'project_suspended') return [];
    throw error;
  }
}

function repositoryOf(listed: InstalledRepository): GithubRepository {
  const { repositoryId, installationId, owner, repo: name, defaultBranch } = listed;
  return { repositoryId, installationId, owner, name, defaultBranch };
}
