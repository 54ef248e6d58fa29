import type { Store } from '../../ports/store.ts';
import type { ProjectId, RunId } from '../model/ids.ts';
import type { Project } from '../model/project.ts';
import type { GithubTarget, Run } from '../model/run.ts';

/** A store that knows what one advance of a run has read and written itself. */
export interface CachingStore {
  readonly store: Store;
  /** The run as this advance last read or wrote it, with what it shows; read where it did not yet, or lost a race since. */
  readonly run: () => Promise<Run | undefined>;
  /** Keeps what the run shows, until the next write of the run includes it. */
  readonly keep: (shown: GithubTarget | undefined) => void;
  /** Writes what was kept, if no write has included it. */
  readonly flush: (now: Date) => Promise<void>;
  /** Returns, once, what was kept for a write that lost its race: another process may have shown something newer. */
  readonly takeLost: () => GithubTarget | undefined;
}

/**
 * Caches what the reconciler has just written: the next write is conditional on its revision, so a parallel
 * write is found out there, as it would be after a read. After a lost race it reads again. The project
 * is read only one time for all steps. Together that is most of what a run reads.
 */
export function cachingStore(store: Store, id: RunId): CachingStore {
  let known: Run | undefined;
  let kept: GithubTarget | undefined;
  let lost: GithubTarget | undefined;
  const projects = new Map<ProjectId, Promise<Project | undefined>>();
  const { runs } = store;

  async function save(run: Run, now: Date): Promise<Run> {
    if (run.id !== id) return runs.save(run, now);
    try {
      known = await runs.save(run, now);
      if (run.github === kept) kept = undefined;
      return known;
    } catch (error) {
      known = undefined;
      lost = kept;
      kept = undefined;
      throw error;
    }
  }

  return {
    run: async () => {
      known ??= await runs.get(id);
      return known === undefined || kept === undefined ? known : { ...known, github: kept };
    },
    keep: (shown) => {
      kept = shown;
    },
    async flush(now) {
      if (known !== undefined && kept !== undefined) await save({ ...known, github: kept }, now);
    },
    takeLost: () => {
      const taken = lost;
      lost = undefined;
      return taken;
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
      runs: { ...runs, save },
    },
  };
}
