import type { Store } from '../../ports/store.ts';
import type { ProjectId, RunId } from '../model/ids.ts';
import type { Project } from '../model/project.ts';
import type { GithubTarget, Run } from '../model/run.ts';
import { type Stack, stackNumberOf } from '../model/stack.ts';
import type { HeldKeys } from '../model/task.ts';
import type { Given, KnownRun } from './known-run.ts';

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
 * @param given what the caller has read or written already, and the items to read together with the run. The stack and the
 *   record of the holder are used for the first request only: the write that follows is conditional on them.
 */
export function cachingStore(
  store: Store,
  id: RunId,
  given: Given & { readonly started?: Run } = {},
): CachingStore {
  let known = given.started ?? given.known?.run;
  let holder = seenHolder(given.known);
  let stack: { readonly number: number; readonly seen: Stack | undefined } | undefined;
  let kept: GithubTarget | undefined;
  let lost: GithubTarget | undefined;
  const projects = new Map<ProjectId, Promise<Project | undefined>>();
  if (given.known !== undefined) projects.set(given.known.project.id, Promise.resolve(given.known.project));
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

  /** One call, because all reads are made in one tick. */
  async function readWith({ projectId, stackName, holder: name }: HeldKeys): Promise<Run | undefined> {
    const number = stackNumberOf(stackName);
    const project = store.projects.get(projectId);
    const [run, seen, record] = await Promise.all([
      runs.get(id),
      number === undefined ? undefined : store.stacks.get(projectId, number),
      store.holders.get(projectId, name),
      project,
    ]);
    // The names are those of the launch: another task may have followed it.
    if (run?.projectId !== projectId || run.spec.stack?.holder !== name) return run;
    projects.set(projectId, project);
    holder = { name, record };
    stack = number === undefined ? undefined : { number, seen };
    return run;
  }

  let isFirst = true;
  async function read(): Promise<Run | undefined> {
    const keys = isFirst ? given.keys : undefined;
    isFirst = false;
    return keys === undefined ? runs.get(id) : readWith(keys);
  }

  return {
    run: async () => {
      known ??= await read();
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
          return seen?.name === name ? seen.record : store.holders.get(projectId, name);
        },
      },
      stacks: {
        ...store.stacks,
        get: async (projectId, number) => {
          const read = stack;
          stack = undefined;
          return read?.number === number ? read.seen : store.stacks.get(projectId, number);
        },
      },
      runs: { ...runs, save },
    },
  };
}

function seenHolder(known: KnownRun | undefined) {
  const name = known?.run.spec.stack?.holder;
  return name === undefined || known?.holder === undefined
    ? undefined
    : { name, record: known.holder.record };
}
