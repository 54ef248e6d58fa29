import type { Store } from '../../ports/store.ts';
import type { ProjectId, RunId } from '../model/ids.ts';
import type { Project } from '../model/project.ts';
import type { GithubTarget, Run } from '../model/run.ts';
import type { KnownRun } from './known-run.ts';

/** A store that caches the reads and writes of one pass over a run. */
export interface CachingStore {
  readonly store: Store;
  /** Returns the run as this pass last read or wrote it, with its pending publication. Reads it after a lost race. */
  readonly run: () => Promise<Run | undefined>;
  /** Keeps a publication until the next write of the run includes it. */
  readonly keep: (shown: GithubTarget | undefined) => void;
  /** Writes a kept publication, if no write has included it. */
  readonly flush: (now: Date) => Promise<void>;
  /** Returns, once, a publication whose write lost a race: another process may have shown something newer. */
  readonly takeLost: () => GithubTarget | undefined;
}

/**
 * Caches what the reconciler has just written: the next write is conditional on its revision, so a parallel
 * write is detected there, as it would be after a read. After a lost race it reads again. The project
 * is read only once for all steps. Together these are most reads of a run.
 *
 * @param given what the caller has read or written already. The holder's record is used for the first request only.
 */
export function cachingStore(store: Store, id: RunId, given?: KnownRun): CachingStore {
  let known = given?.run;
  let holder = given?.holder;
  let kept: GithubTarget | undefined;
  let lost: GithubTarget | undefined;
  const projects = new Map<ProjectId, Promise<Project | undefined>>();
  if (given !== undefined) projects.set(given.project.id, Promise.resolve(given.project));
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
      holders: {
        ...store.holders,
        get: async (projectId, name) => {
          const seen = holder;
          holder = undefined;
          const isSeen = seen !== undefined && name === given?.run.spec.stack?.holder;
          return isSeen ? seen.record : store.holders.get(projectId, name);
        },
      },
      runs: { ...runs, save },
    },
  };
}
