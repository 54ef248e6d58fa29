import { holder, runId } from '../../app/core/model/ids.ts';
import type { Stack } from '../../app/core/model/stack.ts';
import { reconcileRun } from '../../app/core/runs/reconcile-run.ts';
import { startRun } from '../../app/core/runs/start-run.ts';
import { cleanStack, tearDownStack } from '../../app/core/stacks/clean-stack.ts';
import { requestStack } from '../../app/core/stacks/request-stack.ts';
import type { StackStore } from '../../app/ports/stack-store.ts';
import { hooked } from '../helpers/hooked.ts';
import { specOf, type World, world, writeResult } from '../helpers/memory-deps.ts';
import { memoryStore } from '../helpers/memory-store.ts';
import { unlessRefused } from '../helpers/unless-refused.ts';
import { comeToRest } from './come-to-rest.ts';
import { play, type Schedule, type Step } from './play.ts';

const test = runId('test');
const next = holder.client('next');

/**
 * The protocol of a teardown that fails: two workers note its end, one person cleans the stack, another one runs the
 * teardown again, and a client requests the stack.
 *
 * @returns the steps of the schedule.
 * @throws Error if a stack loses a wanted teardown that has neither succeeded nor was cleaned by a person, or if the
 *   stack is not available in the end.
 */
export async function playTeardown(schedule: Schedule): Promise<readonly Step[]> {
  const backing = memoryStore();
  const w = world({ store: backing });
  const project = await w.project({ maxStacks: 1 });
  const stack = { holder: holder.run(test), hold: 'run' as const, shares: false };
  const spec = specOf({ stack, teardown: './destroy.sh' });
  await startRun(w.deps, { project, id: test, spec, trigger: { kind: 'push' } });
  await w.settle();
  await endTask(w, test, true);
  const [teardown] = await w.deps.store.runs.listActive(project.id);
  if (teardown === undefined) throw new Error('no teardown was started');
  stopTask(w, teardown.id, false);

  const depsOf = (before: () => Promise<void>, isPerson: boolean) => {
    const { runs, holders, queue } = backing;
    const stacks = hooked(isPerson ? backing.stacks : watched(w), before);
    const store = { ...backing, stacks, runs: hooked(runs, before), holders: hooked(holders, before) };
    return { ...w.deps, store: { ...store, queue: hooked(queue, before) } };
  };
  const named = { project, stackName: 'test-1' };
  const steps = await play(
    [
      (before) => reconcileRun(depsOf(before, false), teardown.id),
      (before) => reconcileRun(depsOf(before, false), teardown.id),
      (before) => unlessRefused(() => cleanStack(depsOf(before, true), named)),
      (before) => unlessRefused(() => tearDownStack(depsOf(before, false), named)),
      (before) =>
        requestStack(depsOf(before, false), {
          project,
          holder: next,
          branch: 'next',
          wait: false,
          leaseSeconds: 9,
        }),
    ],
    schedule,
  );
  await comeToRest(w, 30);
  const left = await w.deps.store.stacks.get(project.id, 1);
  const isClean =
    left !== undefined && [left.hold, left.dirty, left.teardowns].every((one) => one === undefined);
  if (!isClean) throw new Error(`the stack is not available in the end: ${JSON.stringify(left)}`);
  return steps;
}

/** Refuses a write that forgets a teardown which has not succeeded. */
function watched(w: World): StackStore {
  const { stacks, runs } = w.deps.store;
  return {
    ...stacks,
    async save(to: Stack, seen: Stack | undefined) {
      const id = /^run:(.+)$/.exec(seen?.hold?.holder ?? '')?.[1];
      const isForgotten = seen?.teardowns !== undefined && to.teardowns === undefined;
      const run = id === undefined ? undefined : await runs.get(runId(id));
      if (isForgotten && run?.state !== 'succeeded')
        throw new Error(`the teardown of ${to.stackName} was forgotten: its run is ${run?.state}`);
      return stacks.save(to, seen);
    },
  };
}

function stopTask(w: World, id: typeof test, succeeds: boolean): void {
  writeResult(w, id, succeeds ? {} : { outcome: 'failed', exitCode: 1 });
  w.tasks.set(w.tasks.arnOf(id), { lastStatus: 'STOPPED', exitCode: succeeds ? 0 : 1 });
}

async function endTask(w: World, id: typeof test, succeeds: boolean): Promise<void> {
  stopTask(w, id, succeeds);
  await w.deps.enqueue(id);
  await w.settle();
}
