import { recordFirstHeads } from '../branches/first-heads.ts';
import type { GithubDeps } from '../branches/github-deps.ts';
import { LostRace } from '../model/errors.ts';
import type { GithubRepository } from '../model/project.ts';
import { readRepositorySettings } from '../settings/read-repository-settings.ts';
import { applyPoolSettings } from './apply-pool-settings.ts';
import { addressOf, ensureProject, type GithubProject } from './github-project.ts';

export type SetUpDeps = Pick<GithubDeps, 'github' | 'store' | 'objects' | 'clock' | 'log'>;

/**
 * The project of a repository. Its pool of stacks is as the default branch says: applied once here, however often that
 * has to be tried, and later whenever the default branch is tested.
 */
export async function setUpProject(deps: SetUpDeps, github: GithubRepository): Promise<GithubProject> {
  const { project } = await ensureProject(deps, github);
  if (project.poolAppliedAt !== undefined) return project;
  // What was pushed while version 0.1.0 was replaced is found by the first comparison.
  const hasRuns = (await deps.store.runs.list(project.id, {}, { limit: 1 })).items.length > 0;
  if (!hasRuns) await recordFirstHeads(deps, project);
  const reading = await readRepositorySettings(deps, addressOf(project), github.defaultBranch);
  // Mistakes are shown on the next commit, where a person reads them.
  if (reading.kind !== 'mistakes') await applyPoolSettings(deps, project.id, reading.settings.stack);
  const applied = (await deps.store.projects.get(project.id)) ?? project;
  const poolAppliedAt = deps.clock.now();
  try {
    await deps.store.projects.replace(applied, { ...applied, poolAppliedAt, modified: poolAppliedAt });
  } catch (error) {
    // Another process changed the project in the meantime; the next event applies the settings again.
    if (!(error instanceof LostRace)) throw error;
  }
  return { ...project, ...applied, github };
}
