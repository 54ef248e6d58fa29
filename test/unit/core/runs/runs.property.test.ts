import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type Holder, holder, type RunId, runId } from '../../../../app/core/model/ids.ts';
import type { Project } from '../../../../app/core/model/project.ts';
import type { Run } from '../../../../app/core/model/run.ts';
import { isTerminal } from '../../../../app/core/model/run-state.ts';
import type { HeldKeys } from '../../../../app/core/model/task.ts';
import { cancelRun } from '../../../../app/core/runs/cancel-run.ts';
import { reconcileRun } from '../../../../app/core/runs/reconcile-run.ts';
import { startRun } from '../../../../app/core/runs/start-run.ts';
import { sweep } from '../../../../app/core/runs/sweep.ts';
import { grantWaiters } from '../../../../app/core/stacks/grant-waiters.ts';
import { releaseHolder } from '../../../../app/core/stacks/release-stack.ts';
import { cases } from '../../../helpers/cases.ts';
import { checkTasks } from '../../../helpers/check-tasks.ts';
import { hooked } from '../../../helpers/hooked.ts';
import { interleaved } from '../../../helpers/interleaved.ts';
import { specOf, type World, world, writeResult } from '../../../helpers/memory-deps.ts';
import { memoryStore } from '../../../helpers/memory-store.ts';

/**
 * Runs that want stacks are reconciled, cancelled and served from the line by many processes at the same time, which die at any
 * call to the store or to the executor, in every order that fast-check thinks of. No task runs on a stack that another
 * holds, all runs end, and what nothing explains is released.
 */

const mostRuns = 7;
const run = fc.integer({ min: 0, max: mostRuns - 1 });
const action = (crashAt: fc.Arbitrary<number | undefined>) =>
  fc.oneof(
    { weight: 8, arbitrary: fc.record({ kind: fc.constant('advance' as const), run, crashAt }) },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('cancel' as const), run, crashAt }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('serve' as const), crashAt }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('close' as const), crashAt }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('sweep' as const), crashAt }) },
    {
      weight: 1,
      arbitrary: fc.record({ kind: fc.constant('pass' as const), seconds: fc.constantFrom(1, 6, 130) }),
    },
  );
type Action = ReturnType<typeof action> extends fc.Arbitrary<infer One> ? One : never;

const pullRequest = holder.pullRequest(1);
const runs = Array.from({ length: mostRuns }, (_, number) => runId(`run${number}`));
const idOf = (number: number): RunId => runs[number] ?? runId('none');

/** Two runs hold for themselves, two for a pull request that they share in turns, the others for branches. */
function holderOf(number: number): { holder: Holder; hold: 'run' | 'pull_request' } {
  if (number < 2) return { holder: holder.run(idOf(number)), hold: 'run' };
  if (number < 4) return { holder: pullRequest, hold: 'pull_request' };
  return { holder: holder.branch(number < 6 ? 'topic' : 'other'), hold: 'run' };
}

async function carryOut(w: World, project: Project, one: Action): Promise<unknown> {
  switch (one.kind) {
    case 'advance':
      return look(w, idOf(one.run));
    case 'cancel':
      return cancelRun(w.deps, { id: idOf(one.run), reason: 'No longer wanted.' });
    case 'serve':
      return grantWaiters(w.deps, project);
    case 'close':
      return releaseHolder(w.deps, project, pullRequest);
    case 'sweep':
      return sweep(w.deps);
    case 'pass':
      return w.clock.advance(one.seconds);
  }
}

/** Reconciles a run whose task, where it is known, has ended by now, after the events that say so. */
async function look(w: World, id: RunId): Promise<void> {
  const seen = await w.deps.store.runs.get(id);
  const task = seen === undefined || isTerminal(seen.state) ? undefined : seen.task;
  // Another pass may have settled the run in the meantime, and removed its task.
  if (task !== undefined && (await w.deps.executor.describe([task])).has(task.arn)) {
    const told = { arn: task.arn, lastStatus: 'RUNNING', desiredStatus: 'RUNNING' } as const;
    await reconcileRun(w.deps, id, undefined, { reported: told });
    writeResult(w, id);
    w.tasks.set(task.arn, { lastStatus: 'STOPPED', exitCode: 0 });
  }
  await reconcileRun(w.deps, id, undefined, { keys: keysOf(seen) });
}

function keysOf(run: Run | undefined): HeldKeys | undefined {
  const holder = run?.spec.stack?.holder;
  if (run?.held === undefined || holder === undefined) return undefined;
  return { projectId: run.projectId, stackName: run.held.stackName, holder };
}

/** Runs every action as a separate task; each call is a point at which any other may go first. */
async function interleave(scheduler: fc.Scheduler, actions: readonly Action[], maxStacks: number) {
  const backing = memoryStore();
  const calm = world({ store: backing });
  const project = await calm.project({ maxStacks });
  for (const [number, id] of runs.entries()) {
    const spec = specOf({ stack: { ...holderOf(number), shares: false } });
    await startRun(calm.deps, { project, id, spec, trigger: { kind: 'api' } });
  }
  await interleaved(scheduler, actions, async (one, before) => {
    const checked = async () => {
      await before();
      await checkTasks(calm, project);
    };
    const store = {
      ...backing,
      stacks: hooked(backing.stacks, checked),
      holders: hooked(backing.holders, checked),
      queue: hooked(backing.queue, checked),
      runs: hooked(backing.runs, checked),
    };
    const executor = hooked(calm.deps.executor, checked);
    await carryOut({ ...calm, deps: { ...calm.deps, store, executor } }, project, one);
  });
  return { w: calm, project };
}

/**
 * Only reconciles runs, while time passes by a few seconds each time. A process that works on the
 * pull request gives its stack back whenever no run is active on it, so that the others get one.
 */
async function comeToRest(w: World, project: Project, rounds: number): Promise<void> {
  for (let round = 0; round < rounds; round += 1) {
    for (const id of runs) await look(w, id);
    await releaseHolder(w.deps, project, pullRequest);
    await checkTasks(w, project);
    w.clock.advance(6);
    await sweep(w.deps);
  }
}

async function whatIsLeft(w: World, project: Project) {
  const ended = await Promise.all(runs.map((id) => w.deps.store.runs.get(id)));
  const pool = await w.deps.store.stacks.list(project.id);
  return {
    unsettled: ended.filter((one) => one === undefined || !isTerminal(one.state) || !one.settledAt),
    held: pool.filter(({ hold }) => hold !== undefined),
    waiting: await w.deps.store.queue.list(project.id, 10),
  };
}
const nothing = { unsettled: [], held: [], waiting: [] };

const actions = (crashAt: fc.Arbitrary<number | undefined>) =>
  fc.array(action(crashAt), { minLength: 2, maxLength: 16 });
const maxStacks = fc.integer({ min: 1, max: 3 });

describe('runs, after any interleaving', () => {
  it('end, and leave no stack held within two minutes', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        actions(fc.constant(undefined)),
        maxStacks,
        async (scheduler, all, most) => {
          const { w, project } = await interleave(scheduler, all, most);
          await comeToRest(w, project, 20);
          expect(await whatIsLeft(w, project)).toEqual(nothing);
        },
      ),
      { numRuns: cases(20) },
    );
  });

  it('end, and leave no stack held within five minutes, where processes die', async () => {
    const crashAt = fc.option(fc.integer({ min: 1, max: 16 }), { nil: undefined, freq: 3 });
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), actions(crashAt), maxStacks, async (scheduler, all, most) => {
        const { w, project } = await interleave(scheduler, all, most);
        await comeToRest(w, project, 50);
        expect(await whatIsLeft(w, project)).toEqual(nothing);
      }),
      { numRuns: cases(20) },
    );
  });
});
