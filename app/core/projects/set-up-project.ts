import { omitUndefined } from '../../lib/omit-undefined.ts';
import { recordFirstHeads } from '../branches/first-heads.ts';
import type { GithubDeps, StoreClockDeps } from '../deps.ts';
import type { ProjectId } from '../model/ids.ts';
import type { GithubRepository, Project, ProjectSettings } from '../model/project.ts';
import { retryLostRace, unlessLost } from '../model/retry-lost-race.ts';
import { readRepositorySettings } from '../settings/read-repository-settings.ts';
import type { PoolSettings } from '../settings/settings.ts';
import { addressOf, ensureProject, type GithubProject, githubProjectId } from './github-project.ts';
import { projectOf } from './project-of.ts';

export type SetUpDeps = Pick<GithubDeps, 'github' | 'store' | 'objects' | 'clock' | 'log'>;

/**
 * Returns the project of a repository. The pool settings of its default branch are applied once here, even if that
 * needs several attempts, and later whenever the default branch is tested.
 *
 * @param seen the project, if the caller has just read it.
 */
export async function setUpProject(
  deps: SetUpDeps,
  github: GithubRepository,
  seen?: Project,
): Promise<GithubProject> {
  const id = githubProjectId(github.repositoryId);
  const known = seen ?? (await deps.store.projects.get(id));
  // Before the project exists: after a crash in between, later pushes must not count as existing branches.
  if (known === undefined) await recordFirstHeads(deps, id, addressOf({ github }));
  const { project } = await ensureProject(deps, github, known);
  if (project.poolAppliedAt !== undefined) return project;
  const reading = await readRepositorySettings(deps, addressOf(project), github.defaultBranch);
  // Mistakes are shown on the next commit, where a person reads them.
  if (reading.kind !== 'mistakes') await applyPoolSettings(deps, project.id, reading.settings.stack);
  const applied = (await deps.store.projects.get(project.id)) ?? project;
  const poolAppliedAt = deps.clock.now();
  // If another process changed the project in the meantime, the next event applies the settings again.
  await unlessLost(() =>
    deps.store.projects.replace(applied, { ...applied, poolAppliedAt, modified: poolAppliedAt }),
  );
  return { ...project, ...applied, github };
}

/** Applies the pool settings of the default branch: the number of stacks and their names. Omitted settings stay. */
export async function applyPoolSettings(
  deps: StoreClockDeps,
  id: ProjectId,
  pool: PoolSettings | undefined,
): Promise<void> {
  if (pool === undefined) return;
  await retryLostRace(async () => {
    const project = await projectOf(deps, id);
    const settings = withPool(project.settings, pool);
    if (JSON.stringify(settings) === JSON.stringify(project.settings)) return;
    await deps.store.projects.replace(project, { ...project, settings, modified: deps.clock.now() });
  });
}

function withPool(settings: ProjectSettings, pool: PoolSettings): ProjectSettings {
  if (pool === false) return { ...settings, maxStacks: 0 };
  return {
    ...settings,
    ...omitUndefined({ prefix: pool.prefix, maxStacks: pool.maxStacks, queue: pool.queue }),
    ...(pool.reclaimAfter === undefined ? {} : { reclaimAfterSeconds: Math.max(60, pool.reclaimAfter) }),
  };
}
