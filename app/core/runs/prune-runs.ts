import pLimit from 'p-limit';
import { later } from '../../lib/later.ts';
import { ttlCache } from '../../lib/ttl-cache.ts';
import type { Objects, RunFiles } from '../../ports/objects.ts';
import { branchKeyOf, isOfTag } from '../branches/branch-of.ts';
import type { Deps } from '../deps.ts';
import { branchText } from '../model/branch.ts';
import { holder, type ProjectId, type RunId } from '../model/ids.ts';
import type { Run } from '../model/run.ts';
import { allRunKeys } from '../model/run-keys.ts';
import { allProjects } from '../projects/project-of.ts';
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
 * and artifacts. A call deletes a limited number. A run whose teardown a stack still needs stays, and
 * so do the runs of the head commit of an open branch.
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
  let needed: ((run: Run) => boolean) | undefined;
  // The oldest may all be needed.
  for (let limit = batch; ; limit *= 2) {
    const listed = await deps.store.runs.listEnded(projectId, before, limit);
    if (listed.length === 0) return { ended: [], isFull: false };
    needed ??= await neededRuns(deps, projectId);
    const isNeeded = needed;
    const ended = listed.filter((run) => !isNeeded(run));
    const isFull = listed.length === limit;
    if (!isFull || ended.length >= batch) return { ended: ended.slice(0, batch).map(({ id }) => id), isFull };
  }
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

/**
 * The runs that the teardowns of a project's stacks get their commands from, and those of the head commit of each open branch:
 * without them, the next reconciliation of the branch would test the commit again.
 */
async function neededRuns({ store }: PruneDeps, projectId: ProjectId): Promise<(run: Run) => boolean> {
  const stacks = await store.stacks.list(projectId);
  const ofTeardowns = new Set(
    stacks.flatMap(({ teardowns = [], hold }) => [
      ...teardowns.map(({ runId }) => runId),
      ...(hold?.teardownOf === undefined ? [] : [hold.teardownOf]),
    ]),
  );
  const open = await store.branches.listOpen(projectId);
  const heads = new Map(open.map((branch) => [branchText(branch), branch.head]));
  return (run) => {
    const key = isOfLook(run) ? branchKeyOf(run) : undefined;
    const head = key && heads.get(branchText(key));
    return ofTeardowns.has(run.id) || (head !== undefined && head === run.sha);
  };
}

/** Whether reconciling a branch started the run, and not a person or a schedule, of which there may be any number. */
function isOfLook(run: Run): boolean {
  const { retryOf, trigger, spec } = run;
  return (
    retryOf === undefined && trigger.kind !== 'schedule' && spec.teardownOf === undefined && !isOfTag(run)
  );
}

/** The objects of runs. A storage that is not on this machine has no folders to delete. */
export function runObjects(objects: Pick<Objects, 'delete'>): RunFiles {
  return {
    async remove(id) {
      await Promise.all(allRunKeys(id).map((key) => objects.delete(key)));
    },
  };
}

/** Removes from two places: the log of a run can be a file, and its report an object of S3. */
export const inBoth = (files: RunFiles, objects: RunFiles): RunFiles => ({
  remove: async (id) => void (await Promise.all([files.remove(id), objects.remove(id)])),
});
