import type { Project } from '../domain/project.ts';
import { type Run, runObjectKey } from '../domain/run.ts';
import { runCostOf } from '../domain/run-cost.ts';
import type { Deps } from './deps.ts';
import { giveBackStack } from './give-back-stack.ts';
import { publishAgainAt } from './publish-run.ts';
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
  if (project !== undefined) await giveBackStack(deps, run, project);
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
