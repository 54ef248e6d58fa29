import type { Store } from '../../ports/store.ts';
import type { ProjectId, RunId } from '../model/ids.ts';
import type { Project } from '../model/project.ts';
import type { Run } from '../model/run.ts';

/** A store that knows what one advance of a run has read and written itself. */
export interface CachingStore {
  readonly store: Store;
  /** The run as this advance last read or wrote it; read where it did not yet, or lost a race since. */
  readonly run: () => Promise<Run | undefined>;
}

/**
 * Caches what the reconciler has just written: the next write is conditional on its revision, so a parallel
 * write is found out there, as it would be after a read. After a lost race it reads again. The project
 * is read only one time for all steps. Together that is most of what a run reads.
 */
export function cachingStore(store: Store, id: RunId): CachingStore {
  let known: Run | undefined;
  const projects = new Map<ProjectId, Promise<Project | undefined>>();
  const { runs } = store;
  return {
    run: async () => {
      known ??= await runs.get(id);
      return known;
    },
    store: {
      ...store,
      projects: {
        ...store.projects,
        get: (projectId) => {
          const project = projects.get(projectId) ?? store.projects.get(projectId);
          projects.set(projectId, project);
          return project;
        },
      },
      runs: {
        ...runs,
        async save(run, now) {
          try {
            const saved = await runs.save(run, now);
            if (run.id === id) known = saved;
            return saved;
          } catch (error) {
            if (run.id === id) known = undefined;
            throw error;
          }
        },
      },
    },
  };
}
