import { omitUndefined } from '../../lib/omit-undefined.ts';
import type { Deps } from '../deps.ts';
import { LostRace } from '../model/errors.ts';
import type { ProjectId } from '../model/ids.ts';
import type { ProjectSettings } from '../model/project.ts';
import type { PoolSettings } from '../settings/settings.ts';
import { projectOf } from './project-of.ts';

/** Applies the pool settings of the default branch: the number of stacks and their names. Omitted settings stay. */
export async function applyPoolSettings(
  deps: Pick<Deps, 'store' | 'clock'>,
  id: ProjectId,
  pool: PoolSettings | undefined,
): Promise<void> {
  if (pool === undefined) return;
  for (;;) {
    const project = await projectOf(deps, id);
    const settings = withPool(project.settings, pool);
    if (JSON.stringify(settings) === JSON.stringify(project.settings)) return;
    try {
      return await deps.store.projects.replace(project, { ...project, settings, modified: deps.clock.now() });
    } catch (error) {
      if (!(error instanceof LostRace)) throw error;
    }
  }
}

function withPool(settings: ProjectSettings, pool: PoolSettings): ProjectSettings {
  if (pool === false) return { ...settings, maxStacks: 0 };
  return {
    ...settings,
    ...omitUndefined({ prefix: pool.prefix, maxStacks: pool.maxStacks, queue: pool.queue }),
    ...(pool.reclaimAfter === undefined ? {} : { reclaimAfterSeconds: Math.max(60, pool.reclaimAfter) }),
  };
}
