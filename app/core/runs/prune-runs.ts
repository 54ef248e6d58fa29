import pLimit from 'p-limit';
import type { RunFiles } from '../../ports/run-files.ts';
import type { Deps } from '../deps.ts';
import { holder, type ProjectId, type RunId } from '../model/ids.ts';
import { allProjects } from '../projects/all-projects.ts';
import { forgetHolder } from '../stacks/holder-records.ts';

type PruneDeps = Pick<Deps, 'store' | 'log'> & { readonly runFiles: RunFiles };

/** Runs of one project that are deleted at a time, so that other work can run in between. */
const batch = 200;
/** More than one, so that it keeps up with a busy server. */
const atOnce = 8;

/** Combines the limits by age and by count: runs that were created before the later moment are deleted. */
export function laterOf(one: Date | undefined, other: Date | undefined): Date | undefined {
  return one !== undefined && other !== undefined && one > other ? one : (other ?? one);
}

/**
 * Deletes runs of each project that were created before a moment and have ended, with their logs, reports and artifacts. The files go
 * first: after a crash in between, the record is still there to find them by. A run whose teardown a stack still needs stays.
 *
 * @returns how many runs were deleted, and whether there may be more.
 */
export async function pruneRuns(
  deps: PruneDeps,
  beforeOf: (projectId: ProjectId) => Promise<Date | undefined>,
): Promise<{ readonly deleted: number; readonly isComplete: boolean }> {
  let deleted = 0;
  let isComplete = true;
  for await (const { id } of allProjects(deps.store)) {
    const before = await beforeOf(id);
    if (before === undefined) continue;
    const listed = await deps.store.runs.listEnded(id, before, batch);
    if (listed.length === 0) continue;
    const kept = await runsOfTeardowns(deps, id);
    const isFull = listed.length === batch;
    const found = isFull ? await deps.store.runs.listEnded(id, before, batch + kept.size) : listed;
    const ended = found.filter((run) => !kept.has(run));
    const remove = async (run: RunId): Promise<void> => {
      await deps.runFiles.remove(run);
      await forgetHolder(deps.store.holders, id, holder.run(run));
      await deps.store.runs.delete(run);
    };
    const limited = pLimit(atOnce);
    await Promise.all(ended.map((run) => limited(remove, run)));
    deleted += ended.length;
    if (isFull && ended.length > 0) isComplete = false;
  }
  if (deleted > 0) deps.log.info({ deleted }, 'old runs were deleted');
  return { deleted, isComplete };
}

/** The runs that the teardowns of a project's stacks get their commands from. */
async function runsOfTeardowns(deps: PruneDeps, projectId: ProjectId): Promise<ReadonlySet<RunId>> {
  const stacks = await deps.store.stacks.list(projectId);
  return new Set(
    stacks.flatMap(({ teardowns = [], hold }) => [
      ...teardowns.map(({ runId }) => runId),
      ...(hold?.teardownOf === undefined ? [] : [hold.teardownOf]),
    ]),
  );
}
