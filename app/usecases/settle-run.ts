import { holder } from '../domain/ids.ts';
import type { Project } from '../domain/project.ts';
import { type Run, runObjectKey, type StackWish } from '../domain/run.ts';
import { runCostOf } from '../domain/run-cost.ts';
import { hasLapsed, stackNumberOf } from '../domain/stack.ts';
import { leaveStack } from './acquire-stack.ts';
import type { Deps } from './deps.ts';
import { publishAgainAt } from './publish-run.ts';
import { giveBack, releaseHolder } from './release-stack.ts';
import { retestRun } from './retest-run.ts';
import { leaveSlot } from './seek-slot.ts';
import type { Step } from './step.ts';

/**
 * A run that has ended: ties its loose ends, each of which may have been tied before. Its turn on the stack, its
 * stack, its place in line, its job document with the clone token, what is left of its task, its slot, what it cost; then
 * the try that follows, and the event. What is written last is that nothing is left to do.
 */
export async function settleRun(deps: Deps, run: Run): Promise<Step> {
  const project = await deps.store.projects.get(run.projectId);
  if (project !== undefined && run.spec.stack !== undefined)
    await giveBackStack(deps, run, project, run.spec.stack);
  await deps.objects.delete(runObjectKey(run.id, 'job.json'));
  if (run.task !== undefined) await deps.executor.remove(run.task);
  await leaveSlot(deps, run, project);
  const cost = runCostOf(run);
  if (cost !== undefined) await deps.store.costs.record(cost);
  const retriedBy = project === undefined ? undefined : await tryAgain(deps, run, project);

  const now = deps.clock.now();
  const publishAt = publishAgainAt(run);
  if (publishAt !== undefined) {
    // All but the check run is done; it is told when GitHub can be reached again.
    await deps.store.runs.save({ ...run, dueAt: publishAt }, now);
    return 'rest';
  }
  await deps.events.publish({ type: 'RunFinished', run });
  const { dueAt: _, ...rest } = run;
  await deps.store.runs.save(
    { ...rest, settledAt: now, ...(retriedBy === undefined ? {} : { retriedBy }) },
    now,
  );
  return 'rest';
}

async function giveBackStack(deps: Deps, run: Run, project: Project, wish: StackWish): Promise<void> {
  const record = await deps.store.stacks.readHolder(project.id, wish.holder);
  const number = run.held === undefined ? record?.stackNumber : stackNumberOf(run.held.stackName);
  const left = number === undefined ? undefined : await leaveStack(deps, project, number, run.id);
  // A pull request that was closed meanwhile could not give back a stack that this run was active on. Other runs of
  // this holder that are active on the stack keep it: releasing refuses then.
  const isOver = wish.hold === 'run' || record?.closed !== undefined || project.suspendedAt !== undefined;
  if (isOver) await releaseHolder(deps, project, wish.holder);
  // Reclaimed, or its lease has ended, while the run was active on it.
  else if (left !== undefined && hasLapsed(left, deps.clock.now()))
    await giveBack(deps, project, left, { lapsed: true });
  await wakeSiblings(deps, run, wish);
}

/** Runs of the same holder take turns: the next can have its turn now. */
async function wakeSiblings(deps: Deps, run: Run, wish: StackWish): Promise<void> {
  if (wish.holder === holder.run(run.id)) return;
  const active = await deps.store.runs.listActive(run.projectId);
  for (const other of active) {
    if (other.id !== run.id && other.state === 'waiting' && other.spec.stack?.holder === wish.holder) {
      await deps.lookAgain(other.id);
    }
  }
}

/** A failed test run is tried again only where its suite asks for it, and says so. */
async function tryAgain(deps: Deps, run: Run, project: Project): Promise<Run['id'] | undefined> {
  if (run.state !== 'failed' || run.attempt > run.spec.retries) return undefined;
  const again = await retestRun(deps, {
    project,
    run,
    trigger: { kind: 'retry' },
    key: `attempt ${run.attempt + 1}`,
    attempt: run.attempt + 1,
  });
  return again.run.id;
}
