import { omitUndefined } from '../../lib/omit-undefined.ts';
import { requestCommentOf } from '../branches/request-comments.ts';
import { wakeBranchOf } from '../branches/wake-branches.ts';
import type { Deps } from '../deps.ts';
import { releaseSlots, type SlotDeps } from '../limits/concurrency-slot.ts';
import { BerthError } from '../model/errors.ts';
import type { Project } from '../model/project.ts';
import { hasRetry, type Run } from '../model/run.ts';
import { runCostOf } from '../model/run-cost.ts';
import { runObjectKey } from '../model/run-keys.ts';
import type { LineDeps } from '../stacks/grant-waiters.ts';
import { releaseStackOfRun } from '../stacks/release-stack-of-run.ts';
import { cancelRun } from './cancel-run.ts';
import { done, type ReconcileResult } from './known-run.ts';
import { wakeNeeding } from './needed-suites.ts';
import { publishAgainAt } from './publish-run.ts';
import { type RetestDeps, retestRun } from './retest-run.ts';
import { isPassing } from './start-run.ts';

export type SettleDeps = LineDeps & SlotDeps & RetestDeps & Pick<Deps, 'executor' | 'objects'>;

/**
 * Settles a run that has ended. Each step is idempotent: its turn on the stack, its
 * stack, its ticket, its job document with the clone token, what is left of its task, its slot, its cost; then
 * its retry, and the event. The last write says that nothing is left to do.
 */
export async function settleRun(deps: SettleDeps, run: Run): Promise<ReconcileResult> {
  const project = await deps.store.projects.get(run.projectId);
  if (project !== undefined) await releaseStackOfRun(deps, run, project);
  await deps.objects.delete(runObjectKey(run.id, 'job.json'));
  await removeTask(deps, run);
  await releaseSlots(deps, run, project);
  const cost = runCostOf(run);
  if (cost !== undefined) await deps.store.costs.record(cost);
  const retriedBy = project === undefined ? undefined : await tryAgain(deps, run, project);

  await cancelOwnDeploys(deps, run);
  const isNeeded = run.spec.isNeeded === true && run.state === 'succeeded';
  if ((run.deployed !== undefined || isNeeded) && run.retryOf !== undefined) await wakeBranchOf(deps, run);

  await requestCommentOf(deps, run);

  const now = deps.clock.now();
  const publishAt = publishAgainAt(run);
  if (publishAt !== undefined) {
    // Only the check run is missing; it is published when GitHub is reachable again.
    await deps.store.runs.save({ ...run, dueAt: publishAt }, now);
    await wakeNeeding(deps, run);
    return done;
  }
  await deps.events.publish({ type: 'RunFinished', run });
  const { dueAt: _, ...rest } = run;
  await deps.store.runs.save({ ...rest, settledAt: now, ...omitUndefined({ retriedBy }) }, now);
  await wakeNeeding(deps, run);
  return done;
}

/** The search for orphans finds what cannot be removed now. The slots and the retry of the run do not wait for it. */
async function removeTask({ executor, log }: Pick<Deps, 'executor' | 'log'>, run: Run): Promise<void> {
  if (run.task === undefined) return;
  try {
    await executor.remove(run.task);
  } catch (err) {
    log.warn({ runId: run.id, task: run.task.arn, err }, 'a task could not be removed; it is tried again');
  }
}

/** Cancels deployments that were requested only for this run. The branch cancels its own. */
async function cancelOwnDeploys(deps: Pick<Deps, 'store' | 'clock' | 'enqueue'>, run: Run): Promise<void> {
  if (run.github !== undefined) return;
  for (const { runId } of run.spec.deploys ?? [])
    await cancelRun(deps, { id: runId, reason: 'The tests that it was for have ended.' });
}

/** Retries a failed run if its suite allows it, and links the two runs. */
async function tryAgain(deps: SettleDeps, run: Run, project: Project): Promise<Run['id'] | undefined> {
  if (!hasRetry(run)) return undefined;
  try {
    const attempt = run.attempt + 1;
    const trigger = { kind: 'retry' } as const;
    const again = await retestRun(deps, {
      project,
      run,
      trigger,
      key: `attempt ${attempt}`,
      attempt,
      failedOnly: true,
    });
    return again.run.id;
  } catch (error) {
    // A final refusal: its branch has another commit by now, or is closed; or the project is suspended.
    if (error instanceof BerthError && !isPassing(error)) return undefined;
    throw error;
  }
}
