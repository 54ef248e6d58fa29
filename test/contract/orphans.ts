import { expect, it } from '@jest/globals';
import { runId as toRunId } from '../../app/core/model/ids.ts';
import type { TaskRef } from '../../app/core/model/task.ts';
import { reconcileRun } from '../../app/core/runs/reconcile-run.ts';
import { stopOrphans } from '../../app/core/runs/stop-orphans.ts';
import type { LaunchRequest } from '../../app/ports/executor.ts';
import { aRun } from '../helpers/a-run.ts';
import { eventually } from '../helpers/eventually.ts';
import { world } from '../helpers/memory-deps.ts';
import type { ExecutorUnderTest } from './executor.ts';

/** Maintenance of tasks without runs, and of runs without tasks. */
export function orphansContract(
  subject: () => ExecutorUnderTest,
  launch: () => Promise<{ task: TaskRef; request: LaunchRequest }>,
): void {
  const statusOf = async (task: TaskRef) =>
    (await subject().executor.describe([task])).get(task.arn)?.desiredStatus ?? 'STOPPED';
  /** Only the tasks of the test: an executor may have others, which are none of its business. */
  const seeing = (...tasks: readonly TaskRef[]) => {
    const { executor } = subject();
    const arns = new Set(tasks.map(({ arn }) => arn));
    return world({
      deps: {
        executor: {
          ...executor,
          listTasks: async () => (await executor.listTasks()).filter(({ task }) => arns.has(task.arn)),
        },
      },
    });
  };

  it('stops a task without a run: marked in one search, stopped in the next', async () => {
    const { task } = await launch();
    const w = seeing(task);
    expect(await stopOrphans(w.deps)).toMatchObject({ marked: 1, stopped: 0 });
    expect(await statusOf(task)).toBe('RUNNING');
    expect(await stopOrphans(w.deps)).toMatchObject({ marked: 1, stopped: 0 });
    w.clock.advance(w.deps.policy.maintenanceSeconds);
    expect(await stopOrphans(w.deps)).toMatchObject({ marked: 0, stopped: 1 });
    await eventually('the orphan to be stopped', async () => (await statusOf(task)) === 'STOPPED');
  });

  it('removes what a stopped task without a run left behind', async () => {
    const { task } = await launch();
    const w = seeing(task);
    await subject().executor.stop(task, 'enough');
    await eventually('the task to stop', async () => {
      const status = (await subject().executor.describe([task])).get(task.arn);
      return status === undefined || status.lastStatus === 'STOPPED';
    });
    for (let search = 0; search < 2; search += 1) {
      await stopOrphans(w.deps);
      w.clock.advance(w.deps.policy.maintenanceSeconds);
    }
    const left = (await subject().executor.listTasks()).map((listed) => listed.task.arn);
    expect(left).not.toContain(task.arn);
  });

  it('stops the task of an ended run, and the second task of an active run', async () => {
    const [ended, first, second] = [await launch(), await launch(), await launch()];
    const w = seeing(ended.task, first.task, second.task);
    await w.deps.store.runs.create(
      aRun({ id: ended.request.runId, state: 'cancelled', task: ended.task, launches: 1 }),
    );
    const going = { state: 'running', task: first.task, launches: 1 } as const;
    await w.deps.store.runs.create(aRun({ ...going, id: first.request.runId }));
    await w.deps.store.runs.create(aRun({ ...going, id: second.request.runId }));
    await stopOrphans(w.deps);
    w.clock.advance(w.deps.policy.maintenanceSeconds);
    expect(await stopOrphans(w.deps)).toMatchObject({ marked: 0, stopped: 2 });
    expect(await statusOf(first.task)).toBe('RUNNING');
  });

  it('does not stop tasks that are being launched, or that have a keep mark', async () => {
    const [launched, kept] = [await launch(), await launch()];
    const w = seeing(launched.task, kept.task);
    await w.deps.store.runs.create(aRun({ id: launched.request.runId, state: 'provisioning', launches: 1 }));
    await subject().keep(kept.task);
    for (let searches = 0; searches < 3; searches += 1) {
      expect(await stopOrphans(w.deps)).toMatchObject({ marked: 0, stopped: 0 });
      w.clock.advance(w.deps.policy.maintenanceSeconds);
    }
    expect([await statusOf(launched.task), await statusOf(kept.task)]).toEqual(['RUNNING', 'RUNNING']);
  });

  it('ends a run whose task is gone as errored, after a grace period', async () => {
    const w = seeing();
    const project = await w.project();
    const id = toRunId('gone');
    const run = aRun({
      id,
      projectId: project.id,
      state: 'running',
      task: subject().unknownTask,
      launches: 1,
    });
    await w.deps.store.runs.create(run);
    expect((await reconcileRun(w.deps, id))?.state).toBe('running');
    w.clock.advance(w.deps.policy.missingGraceSeconds);
    expect(await reconcileRun(w.deps, id)).toMatchObject({
      state: 'errored',
      outcome: { errorCode: 'task_lost', summary: expect.stringContaining('disappeared') },
    });
  });
}
