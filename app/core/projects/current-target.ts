import type { Project } from '../model/project.ts';
import type { GithubTarget } from '../model/run.ts';

/**
 * Returns the address of a run's repository today: it may have been renamed, transferred, or installed again since the run was
 * created.
 */
export function currentTarget(project: Project | undefined, target: GithubTarget): GithubTarget {
  const github = project?.github;
  if (github === undefined || github.repositoryId !== target.repositoryId) return target;
  return { ...target, installationId: github.installationId, owner: github.owner, repo: github.name };
}
