import type { Deps } from '../deps.ts';
import type { ProjectId, RunId } from '../model/ids.ts';

/** The active runs of a project in one pass: read once, and extended by those that it starts. */
export interface ActiveRuns {
  readonly ids: () => Promise<ReadonlySet<RunId>>;
  readonly started: (id: RunId) => void;
}

export function activeRunsOf({ store }: Pick<Deps, 'store'>, projectId: ProjectId): ActiveRuns {
  const own = new Set<RunId>();
  let listed: readonly RunId[] | undefined;
  return {
    async ids() {
      listed ??= await store.runs.listActiveIds(projectId);
      return new Set([...listed, ...own]);
    },
    started: (id) => void own.add(id),
  };
}
