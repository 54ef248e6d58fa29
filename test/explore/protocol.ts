import { holder, runId } from '../../app/core/model/ids.ts';
import { isTerminal } from '../../app/core/model/run-state.ts';
import { cancelRun } from '../../app/core/runs/cancel-run.ts';
import { reconcileRun } from '../../app/core/runs/reconcile-run.ts';
import { startRun } from '../../app/core/runs/start-run.ts';
import { checkTasks } from '../helpers/check-tasks.ts';
import { hooked } from '../helpers/hooked.ts';
import { specOf, world } from '../helpers/memory-deps.ts';
import { memoryStore } from '../helpers/memory-store.ts';
import { comeToRest } from './come-to-rest.ts';
import { play, type Schedule, type Step } from './play.ts';

const [first, second] = [runId('first'), runId('second')] as const;

/**
 * The protocol of hold, launch, cancel and release: two branches that want one stack, two workers on the first of them,
 * one on the second, and a person who cancels the first. The functions are the real ones; the store and the executor are
 * simulated.
 *
 * @returns the steps of the schedule.
 * @throws Error where a task runs on a stack that another holds, or anything is left at rest.
 */
export async function playProtocol(schedule: Schedule): Promise<readonly Step[]> {
  const backing = memoryStore();
  const w = world({ store: backing });
  const project = await w.project({ maxStacks: 1 });
  for (const id of [first, second]) {
    const stack = { holder: holder.branch(id), hold: 'run' as const, shares: false };
    await startRun(w.deps, { project, id, spec: specOf({ branch: id, stack }), trigger: { kind: 'push' } });
  }
  const depsOf = (before: () => Promise<void>) => {
    const checked = async (): Promise<void> => {
      await before();
      await checkTasks(w, project);
    };
    const store = {
      ...backing,
      stacks: hooked(backing.stacks, checked),
      holders: hooked(backing.holders, checked),
      queue: hooked(backing.queue, checked),
      runs: hooked(backing.runs, checked),
    };
    return { ...w.deps, store, executor: hooked(w.deps.executor, checked) };
  };
  const steps = await play(
    [
      (before) => reconcileRun(depsOf(before), first),
      (before) => reconcileRun(depsOf(before), first),
      (before) => reconcileRun(depsOf(before), second),
      (before) => cancelRun(depsOf(before), { id: first, reason: 'Not wanted.' }),
    ],
    schedule,
  );
  await comeToRest(w, 6);
  const pool = await w.deps.store.stacks.list(project.id);
  const runs = await Promise.all([first, second].map((id) => w.deps.store.runs.get(id)));
  const left = [
    ...runs
      .filter((run) => run === undefined || !isTerminal(run.state))
      .map((run) => `${run?.id} is ${run?.state}`),
    ...pool
      .filter(({ hold }) => hold !== undefined)
      .map((stack) => `${stack.stackName} is held by ${stack.hold?.holder}`),
    ...(await w.deps.store.queue.list(project.id, 10)).map((ticket) => `${ticket.holder} is in line`),
  ];
  if (left.length > 0) throw new Error(left.join('; '));
  return steps;
}
