import type { RunFiles } from '../../ports/run-files.ts';
import type { Deps } from '../deps.ts';
import { holder } from '../model/ids.ts';
import { allProjects } from '../projects/all-projects.ts';
import { forgetHolder } from '../stacks/holder-records.ts';

type PruneDeps = Pick<Deps, 'store' | 'log'> & { readonly runFiles: RunFiles };

/** Runs of one project that are deleted at a time, so that other work can run in between. */
const batch = 200;

/**
 * Deletes runs that were created before a moment and have ended, with their logs, reports and artifacts. The files go
 * first: after a crash in between, the record is still there to find them by.
 *
 * @returns how many runs were deleted, and whether there may be more.
 */
export async function pruneRuns(
  deps: PruneDeps,
  before: Date,
): Promise<{ readonly deleted: number; readonly isComplete: boolean }> {
  let deleted = 0;
  let isComplete = true;
  for await (const { id } of allProjects(deps.store)) {
    const ended = await deps.store.runs.listEnded(id, before, batch);
    for (const run of ended) {
      await deps.runFiles.remove(run);
      await forgetHolder(deps.store.holders, id, holder.run(run));
      await deps.store.runs.delete(run);
    }
    deleted += ended.length;
    if (ended.length === batch) isComplete = false;
  }
  if (deleted > 0) deps.log.info({ deleted, before }, 'old runs were deleted');
  return { deleted, isComplete };
}
