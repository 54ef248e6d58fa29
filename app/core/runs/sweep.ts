import pLimit from 'p-limit';
import { type Backoff, createBackoff } from '../../lib/backoff.ts';
import { later } from '../../lib/later.ts';
import { withTimeLimit } from '../../lib/time-limit.ts';
import type { DueStackItem } from '../../ports/stack-store.ts';
import type { Deps, StoreDeps } from '../deps.ts';
import type { ProjectId, RunId } from '../model/ids.ts';
import type { Project } from '../model/project.ts';
import { isActive, type Run } from '../model/run.ts';
import type { TaskRef, TaskStatus } from '../model/task.ts';
import { checkStack } from '../stacks/check-stack.ts';
import { grantWaiters } from '../stacks/grant-waiters.ts';
import { type ReconcileDeps, reconcileRun } from './reconcile-run.ts';

/** Runs and holds reconciled in one sweep. The rest stays due, and comes first in the next sweep. */
const batch = 200;
const atOnce = 8;
/** The time between two attempts for an item that cannot be read or reconciled. */
const maxPauseSeconds = 60;
/** The clock was set back if it shows an earlier time than before by more than this. */
const setBackSeconds = 5;
/** After that, everything is reconciled that was due at the earlier time or this long after it. */
const setBackAheadSeconds = 600;
const setBackBatch = 5000;
/** The time limit of one item: an item that hangs does not block the others. */
const timeLimitSeconds = 300;

export type Sweep = () => Promise<{ readonly runs: number; readonly holds: number }>;

/**
 * Reconciles everything that is due, and so survives crashes, missed events and lost webhooks. May run anywhere, at any
 * time, in parallel.
 *
 * Every item and every source is guarded on its own: one that fails is logged, waits longer after each failure, and
 * does not delay the others.
 *
 * @returns a function to call periodically; it resolves with the number of reconciled runs and holds.
 */
export function createSweep(deps: ReconcileDeps): Sweep {
  const backoff = createBackoff({ maxSeconds: maxPauseSeconds });
  const guarded = guard(deps, backoff);
  let latest = new Date(0);
  return async () => {
    const now = deps.clock.now();
    // If the clock was set back by an hour, items would otherwise wait for an hour.
    const wasSetBack = later(now, setBackSeconds) < latest;
    const until = wasSetBack ? later(latest, setBackAheadSeconds) : now;
    latest = now;
    // Waiting items are still due and come first: as many more are read.
    const limit = wasSetBack ? setBackBatch : batch + backoff.size;
    const runs = (await guarded('due runs', {}, () => deps.store.runs.due(until, limit))) ?? [];
    await sweepRuns(deps, guarded, runs);
    // After the runs, which renew their places in line and their turns.
    const holds = (await guarded('due holds', {}, () => deps.store.stacks.due(until, limit))) ?? [];
    await sweepHolds(deps, guarded, holds);
    return { runs: runs.length, holds: holds.length };
  };
}

/** One sweep. */
export function sweep(deps: ReconcileDeps): ReturnType<Sweep> {
  return createSweep(deps)();
}

type Guarded = <Result>(
  key: string,
  facts: Record<string, unknown>,
  look: () => Promise<Result>,
) => Promise<Result | undefined>;

function guard(deps: Pick<Deps, 'clock' | 'log'>, backoff: Backoff): Guarded {
  return async (key, facts, look) => {
    const now = deps.clock.now();
    if (backoff.isWaiting(key, now)) return undefined;
    try {
      const result = await withTimeLimit(timeLimitSeconds, look);
      backoff.succeeded(key);
      return result;
    } catch (err) {
      const nextAt = backoff.failed(key, now);
      deps.log.error(
        { ...facts, item: key, err, nextAt },
        'the sweep could not reconcile this item; it will retry later',
      );
      return undefined;
    }
  };
}

async function sweepRuns(deps: ReconcileDeps, guarded: Guarded, ids: readonly RunId[]): Promise<void> {
  const seen = (await guarded('executor', {}, () => describeAll(deps, guarded, ids))) ?? new Map();
  const limited = pLimit(atOnce);
  const reconcile = (id: RunId) => guarded(`run ${id}`, { runId: id }, () => reconcileRun(deps, id, seen));
  await Promise.all(ids.map((id) => limited(reconcile, id)));
}

/** Makes one call to the executor for all due runs, not one for each. */
async function describeAll(
  deps: Pick<Deps, 'store' | 'executor'>,
  guarded: Guarded,
  ids: readonly RunId[],
): Promise<ReadonlyMap<string, TaskStatus>> {
  if (ids.length < 2) return new Map();
  const runs = await Promise.all(
    ids.map((id) => guarded(`run ${id}`, { runId: id }, () => deps.store.runs.get(id))),
  );
  const tasks = runs.flatMap((run): TaskRef[] =>
    run !== undefined && isActive(run) && run.task !== undefined ? [run.task] : [],
  );
  return tasks.length === 0 ? new Map() : deps.executor.describe(tasks);
}

async function sweepHolds(
  deps: ReconcileDeps,
  guarded: Guarded,
  due: readonly DueStackItem[],
): Promise<void> {
  const pools = new Map<ProjectId, Promise<Pool | undefined>>();
  const poolOf = (id: ProjectId): Promise<Pool | undefined> => {
    const pool = pools.get(id) ?? readPool(deps, id);
    pools.set(id, pool);
    return pool;
  };
  for (const item of due) {
    if (item.kind === 'unreadable') {
      await guarded(`item ${item.key}`, {}, () => Promise.reject(item.error));
    } else if (item.kind === 'stack') {
      const { projectId, stackName, number } = item.stack;
      await guarded(`stack ${projectId} ${number}`, { projectId, stack: stackName }, async () => {
        const pool = await poolOf(projectId);
        if (pool !== undefined) await checkStack(deps, pool.project, item.stack, pool.live);
      });
    } else {
      const { projectId, number } = item.ticket;
      await guarded(`line ${projectId}`, { projectId, ticket: number }, async () => {
        const pool = await poolOf(projectId);
        if (pool !== undefined) await grantWaiters(deps, pool.project);
      });
    }
  }
}

interface Pool {
  readonly project: Project;
  readonly live: readonly Run[];
}

/** Read after the stacks of the sweep, so that a run which these do not show is among the live ones. */
async function readPool({ store }: StoreDeps, id: ProjectId): Promise<Pool | undefined> {
  const project = await store.projects.get(id);
  return project === undefined ? undefined : { project, live: await store.runs.listActive(id) };
}
