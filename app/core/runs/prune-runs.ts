import pLimit from 'p-limit';
import { later } from '../../lib/later.ts';
import { ttlCache } from '../../lib/ttl-cache.ts';
import type { RunFiles } from '../../ports/run-files.ts';
import type { Deps } from '../deps.ts';
import { holder, type ProjectId, type RunId } from '../model/ids.ts';
import { allProjects } from '../projects/all-projects.ts';
import { forgetHolder } from '../stacks/holder-records.ts';

type PruneDeps = Pick<Deps, 'store' | 'log' | 'clock'>;

/** Runs of one project that are deleted at a time, so that other work can run in between. */
const batch = 200;
/** More than one, so that it keeps up with a busy server. */
const atOnce = 8;

/** Counting the runs of a project reads its list. */
const countEverySeconds = 3600;

/**
 * Days after the retention of a table that deletes its old runs itself, within a few days and at no cost. Only the runs that it
 * keeps, because they have a teardown, are left then.
 */
const daysOfTable = 7;

/** @returns {@link Retention.days} for such a table. */
export const daysAfterTable = (retentionDays: number | undefined): number | undefined =>
  retentionDays === undefined ? undefined : retentionDays + daysOfTable;

/** The parts that delete old runs. */
export interface Retention {
  readonly runFiles: RunFiles;
  /** How many days runs are kept after their creation. If omitted, the age does not matter. */
  readonly days?: number;
  /** How many runs each project keeps. If omitted, all. */
  readonly runs?: number;
}

/** @property isComplete whether no more runs can be deleted now. */
type Prune = (now: Date) => Promise<{ readonly deleted: number; readonly isComplete: boolean }>;

/**
 * Creates a function that deletes the runs of each project that are too old or too many and have ended, with their logs, reports
 * and artifacts. A call deletes a limited number. A run whose teardown a stack still needs stays.
 */
export function createPruner(deps: PruneDeps, { runFiles, days, runs }: Retention): Prune {
  const counted = ttlCache<Date | undefined>(deps.clock, countEverySeconds);
  const oldestKept = async (projectId: ProjectId): Promise<Date | undefined> =>
    runs === undefined
      ? undefined
      : counted.get(projectId, () => deps.store.runs.createdAtPlace(projectId, runs));
  return async (now) => {
    const createdSince = days === undefined ? undefined : later(now, -days * 24 * 3600);
    let deleted = 0;
    let isComplete = true;
    for await (const { id } of allProjects(deps.store)) {
      const limits = [createdSince, await oldestKept(id)].filter((limit) => limit !== undefined);
      if (limits.length === 0) continue;
      const before = new Date(Math.max(...limits.map(Number)));
      const { ended, isFull } = await endedBefore(deps, id, before);
      const limited = pLimit(atOnce);
      await Promise.all(ended.map((run) => limited(removeRun, deps, runFiles, id, run)));
      deleted += ended.length;
      if (isFull && ended.length > 0) isComplete = false;
    }
    if (deleted > 0) deps.log.info({ deleted }, 'old runs were deleted');
    return { deleted, isComplete };
  };
}

/** The next runs to delete. @returns also whether there may be more. */
async function endedBefore(
  deps: PruneDeps,
  projectId: ProjectId,
  before: Date,
): Promise<{ readonly ended: readonly RunId[]; readonly isFull: boolean }> {
  const listed = await deps.store.runs.listEnded(projectId, before, batch);
  const isFull = listed.length === batch;
  if (listed.length === 0) return { ended: listed, isFull };
  const kept = await runsOfTeardowns(deps, projectId);
  const isReadAgain = isFull && kept.size > 0;
  const found = isReadAgain ? await deps.store.runs.listEnded(projectId, before, batch + kept.size) : listed;
  return { ended: found.filter((run) => !kept.has(run)), isFull };
}

/** The files go first: after a crash in between, the record is still there to find them by. */
async function removeRun(
  { store }: PruneDeps,
  runFiles: RunFiles,
  projectId: ProjectId,
  run: RunId,
): Promise<void> {
  await runFiles.remove(run);
  await forgetHolder(store.holders, projectId, holder.run(run));
  await store.runs.delete(run);
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
