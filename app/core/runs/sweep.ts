import { withTimeLimit } from '../../lib/time-limit.ts';
import type { HolderRecord } from '../../ports/stack-store.ts';
import { type Deps, later } from '../deps.ts';
import { type RunId, runOfHolder } from '../model/ids.ts';
import { isActive, type TaskRef, type TaskStatus } from '../model/run.ts';
import type { Stack } from '../model/stack.ts';
import { grantWaiters } from '../stacks/grant-waiters.ts';
import { giveBack } from '../stacks/release-stack.ts';
import { reconcileRun } from './reconcile-run.ts';

/** Runs and holds looked at in one sweep; what is left is due still, and comes first in the next. */
const batch = 200;
const atOnce = 8;
const hourSeconds = 3600;
/** For one run or hold: one that hangs does not hold up the others. */
const timeLimitSeconds = 300;

/**
 * Looks at everything that is due: what survives crashes, missed events and lost webhooks. May run anywhere, at any
 * time, twice at once.
 *
 * @returns how many runs and holds were looked at.
 */
export async function sweep(deps: Deps): Promise<{ runs: number; holds: number }> {
  const now = deps.clock.now();
  const ids = await deps.store.runs.due(now, batch);
  const seen = await describeAll(deps, ids);
  await inParallel(ids, (id) => guarded(deps, { runId: id }, () => reconcileRun(deps, id, seen)));

  const due = await deps.store.stacks.due(now, batch);
  for (const item of due) {
    const facts = item.kind === 'stack' ? { stack: item.stack.stackName } : { ticket: item.ticket.number };
    await guarded(deps, facts, async () => {
      if (item.kind === 'stack') return checkHold(deps, item.stack);
      const project = await deps.store.projects.get(item.ticket.projectId);
      if (project !== undefined) await grantWaiters(deps, project);
    });
  }
  return { runs: ids.length, holds: due.length };
}

/** One question to the executor for all due runs, not one for each. */
async function describeAll(deps: Deps, ids: readonly RunId[]): Promise<ReadonlyMap<string, TaskStatus>> {
  if (ids.length < 2) return new Map();
  const runs = await Promise.all(ids.map((id) => deps.store.runs.get(id)));
  const tasks = runs.flatMap((run): TaskRef[] =>
    run !== undefined && isActive(run) && run.task !== undefined ? [run.task] : [],
  );
  return tasks.length === 0 ? new Map() : deps.executor.describe(tasks);
}

/** Is a hold still wanted? An expired lease ends it; so does the end of its run. */
async function checkHold(deps: Deps, stack: Stack): Promise<void> {
  const { hold } = stack;
  if (hold === undefined) return;
  const now = deps.clock.now();
  const project = await deps.store.projects.get(stack.projectId);
  if (project === undefined) return;
  const expired = hold.leaseUntil !== undefined && hold.leaseUntil <= now;
  const owner = runOfHolder(hold.holder);
  const run = owner === undefined ? undefined : await deps.store.runs.get(owner);
  const ownerGone = owner !== undefined && (run === undefined || run.settledAt !== undefined);
  const record = await deps.store.stacks.readHolder(project.id, hold.holder);
  // Closed, or at another stack: what took this one came too late.
  const unwanted = record !== undefined && (record.closed !== undefined || isElsewhere(record, stack));
  for (const id of stack.activeRuns) await endTurnOfEndedRun(deps, stack, id);
  if (expired) await giveBack(deps, project, stack, { expired });
  else if (ownerGone || unwanted) await giveBack(deps, project, stack);
  await deps.store.stacks.checkLater(stack, later(now, hourSeconds));
}

function isElsewhere(record: HolderRecord, stack: Stack): boolean {
  return record.stackNumber !== undefined && record.stackNumber !== stack.number;
}

async function endTurnOfEndedRun(deps: Deps, stack: Stack, id: RunId): Promise<void> {
  const run = await deps.store.runs.get(id);
  if (run !== undefined && run.settledAt === undefined) return;
  await deps.store.stacks.leave(stack.projectId, stack.number, id, { now: deps.clock.now() });
}

async function guarded(
  deps: Deps,
  facts: Record<string, unknown>,
  look: () => Promise<unknown>,
): Promise<void> {
  try {
    await withTimeLimit(timeLimitSeconds, look);
  } catch (error) {
    // One that cannot be looked at must not keep the others from it; it is due still.
    deps.log.error({ ...facts, err: error }, 'the sweep could not look at this');
  }
}

async function inParallel<Item>(items: readonly Item[], work: (item: Item) => Promise<void>): Promise<void> {
  const queue = [...items];
  const worker = async (): Promise<void> => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, worker));
}
