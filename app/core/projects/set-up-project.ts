import type { GithubDeps } from '../branches/github-deps.ts';
import type { GithubRepository } from '../model/project.ts';
import { readRepositorySettings } from '../settings/read-repository-settings.ts';
import { applyPoolSettings } from './apply-pool-settings.ts';
import { addressOf, ensureProject, type GithubProject } from './github-project.ts';

/** The project of a repository; a new one begins with the pool of stacks that its default branch asks for. */
export async function setUpProject(deps: GithubDeps, github: GithubRepository): Promise<GithubProject> {
  const { project, created } = await ensureProject(deps, github);
  if (!created) return project;
  const reading = await readRepositorySettings(deps, addressOf(project), github.defaultBranch);
  // Mistakes are shown on the next commit, where a person reads them.
  if (reading.kind !== 'mistakes') await applyPoolSettings(deps, project.id, reading.settings.stack);
  return project;
}
