import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Deps } from '../../../../app/core/deps.ts';
import { runId } from '../../../../app/core/model/ids.ts';
import type { Project } from '../../../../app/core/model/project.ts';
import { claimOf, slotOrder } from '../../../../app/core/model/slots.ts';
import { cancelRun } from '../../../../app/core/runs/cancel-run.ts';
import { createMaintenance } from '../../../../app/core/runs/maintenance.ts';
import { reconcileRun } from '../../../../app/core/runs/reconcile-run.ts';
import { startRun } from '../../../../app/core/runs/start-run.ts';
import { sweep } from '../../../../app/core/runs/sweep.ts';
import type { Executor } from '../../../../app/ports/executor.ts';
import { embeddedPolicy } from '../../../../app/wiring/policies.ts';
import { cases } from '../../../helpers/cases.ts';
import { hooked } from '../../../helpers/hooked.ts';
import { interleaved } from '../../../helpers/interleaved.ts';
import { specOf, type World, world, writeResult } from '../../../helpers/memory-deps.ts';
import { memoryStore } from '../../../helpers/memory-store.ts';

const maxTasks = 2;
const maxTasksOfFirst = 1;
const runCount = 6;

type Action = { readonly crashAt: number | undefined } & (
  | { readonly kind: 'look' | 'cancel' | 'end task'; readonly run: number }
  | { readonly kind: 'sweep' | 'pass time' }
);
const crashAt = fc.option(fc.integer({ min: 1, max: 8 }), { nil: undefined, freq: 3 });
const run = fc.integer({ min: 0, max: runCount - 1 });
const action: fc.Arbitrary<Action> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('look' as const), run, crashAt }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('end task' as const), run, crashAt }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('cancel' as const), run, crashAt }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constantFrom('sweep' as const, 'pass time' as const), crashAt }),
  },
);

const nameOf = (index: number) => runId(`run${index}`);

const inGroup = { concurrency: { group: 'e2e', limit: 1 } };

/**
 * Two projects, the first with a separate limit, three runs of each, and an executor that counts.
 *
 * @param isGrouped the runs of the second project are in one concurrency group.
 */
async function crowded(isGrouped: boolean) {
  const overfull: string[] = [];
  const policy = { ...embeddedPolicy, maxTasks };
  const w = world({ store: memoryStore(), deps: { policy, enqueue: () => {} } });
  const first = await w.project({ maxTasks: maxTasksOfFirst }, 'first');
  const second = await w.project({}, 'second');
  const executor: Executor = {
    ...w.tasks.executor,
    async launch(request) {
      const status = await w.tasks.executor.launch(request);
      const tasks = await w.tasks.executor.listTasks();
      const ofFirst = w.tasks.launched.filter(
        (one) => one.projectId === first.id && tasks.some(({ runId: id }) => id === one.runId),
      );
      const inOneGroup = isGrouped ? tasks.length - ofFirst.length : 0;
      if (tasks.length > maxTasks || ofFirst.length > maxTasksOfFirst || inOneGroup > 1)
        overfull.push(
          `${tasks.length} tasks, ${ofFirst.length} of the first project, ${inOneGroup} of the group`,
        );
      return status;
    },
    async stop(task, reason) {
      await w.tasks.executor.stop(task, reason);
      w.tasks.set(task.arn, { lastStatus: 'STOPPED', exitCode: 143 });
    },
  };
  const deps: Deps = { ...w.deps, executor };
  for (let index = 0; index < runCount; index += 1) {
    if (index % 2 === 0) await start(deps, first, index);
    else await start(deps, second, index, isGrouped ? inGroup : {});
    w.clock.advance(1);
  }
  return { w, deps, overfull };
}

async function start(
  deps: Deps,
  project: Project,
  index: number,
  change: Parameters<typeof specOf>[0] = {},
): Promise<void> {
  await startRun(deps, { project, id: nameOf(index), spec: specOf(change), trigger: { kind: 'api' } });
}

function endTask(w: World, index: number): void {
  const arn = w.tasks.arnOf(nameOf(index));
  if (!w.tasks.launched.some(({ runId: id }) => id === nameOf(index))) return;
  writeResult(w, nameOf(index));
  try {
    w.tasks.set(arn, { lastStatus: 'STOPPED', exitCode: 0 });
  } catch {
    // Removed already: its run is settled.
  }
}

async function carryOut(w: World, deps: Deps, one: Action): Promise<void> {
  switch (one.kind) {
    case 'look':
      return void (await reconcileRun(deps, nameOf(one.run)));
    case 'cancel':
      return void (await cancelRun(deps, { id: nameOf(one.run), reason: 'not wanted' }));
    case 'end task':
      return endTask(w, one.run);
    case 'sweep':
      return void (await sweep(deps));
    case 'pass time':
      return w.clock.advance(10);
  }
}

async function interleave(scheduler: fc.Scheduler, actions: readonly Action[], isGrouped = false) {
  const crowd = await crowded(isGrouped);
  const { w, deps } = crowd;
  await interleaved(scheduler, actions, (one, before) => {
    const { runs, slots } = deps.store;
    const slotsOf: Deps['store']['slotsOf'] = (...group) => hooked(deps.store.slotsOf(...group), before);
    const store = { ...deps.store, runs: hooked(runs, before), slots: hooked(slots, before), slotsOf };
    return carryOut(w, { ...deps, store }, one);
  });
  return crowd;
}

/** Runs until no task is left to stop and every run was reconciled. No message about a free slot arrives. */
async function lookAtAll(w: World, deps: Deps): Promise<void> {
  for (let looks = 0; looks < 4; looks += 1) {
    await sweep(deps);
    w.clock.advance(deps.policy.waitCheckSeconds + 1);
  }
}

describe('slots, after any interleaving', () => {
  it('never exceed the limits, and no run waits while one is available', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.array(action, { minLength: 4, maxLength: 20 }),
        async (scheduler, actions) => {
          const { w, deps, overfull } = await interleave(scheduler, actions);
          const maintenance = createMaintenance(deps);
          for (let rounds = 0; rounds < runCount + 2; rounds += 1) {
            w.clock.advance(31);
            await maintenance();
            await lookAtAll(w, deps);
            // Who could have begun has.
            expect(slotOrder(await deps.store.slots.read(), { tasks: maxTasks }).admitted).toEqual([]);
            for (let index = 0; index < runCount; index += 1) endTask(w, index);
          }
          w.clock.advance(31);
          await sweep(deps);
          await maintenance();
          const runs = await Promise.all(
            Array.from({ length: runCount }, (_, index) => deps.store.runs.get(nameOf(index))),
          );
          expect(runs.filter((one) => one?.settledAt === undefined).map((one) => one?.id)).toEqual([]);
          expect(await deps.store.slots.read()).toMatchObject({ active: [], waiting: [] });
          expect(overfull).toEqual([]);
        },
      ),
      { numRuns: cases(40) },
    );
  });
});

describe('the slots of a concurrency group, after any interleaving', () => {
  it('never exceed their limit, and no run waits forever', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.array(action, { minLength: 4, maxLength: 20 }),
        async (scheduler, actions) => {
          const { w, deps, overfull } = await interleave(scheduler, actions, true);
          const maintenance = createMaintenance(deps);
          for (let rounds = 0; rounds < runCount + 2; rounds += 1) {
            w.clock.advance(31);
            await maintenance();
            await lookAtAll(w, deps);
            for (let index = 0; index < runCount; index += 1) endTask(w, index);
          }
          w.clock.advance(31);
          await sweep(deps);
          const runs = await Promise.all(
            Array.from({ length: runCount }, (_, index) => deps.store.runs.get(nameOf(index))),
          );
          expect(runs.filter((one) => one?.settledAt === undefined).map((one) => one?.id)).toEqual([]);
          expect(overfull).toEqual([]);
        },
      ),
      { numRuns: cases(40) },
    );
  });
});

describe('a run of a concurrency group', () => {
  it('waits for the one before it, whatever its branch, and is woken by its end', async () => {
    const w = world();
    const project = await w.project();
    for (const index of [0, 1, 2]) {
      await start(w.deps, project, index, { ...inGroup, branch: `branch-${index}` });
      await w.settle();
      w.clock.advance(1);
    }
    await start(w.deps, project, 3, { concurrency: { group: 'other', limit: 1 } });
    await w.settle();
    const launched = () => w.tasks.launched.map(({ runId: id }) => id);
    expect(launched()).toEqual(['run0', 'run3']);
    expect(await w.deps.store.runs.get(nameOf(2))).toMatchObject({
      state: 'queued',
      waiting: { reason: 'capacity', group: 'e2e', position: 2 },
    });
    endTask(w, 0);
    await reconcileRun(w.deps, nameOf(0));
    await w.settle();
    expect(launched()).toEqual(['run0', 'run3', 'run1']);
    await cancelRun(w.deps, { id: nameOf(1), reason: 'not wanted' });
    await w.settle();
    w.tasks.set(w.tasks.arnOf(nameOf(1)), { lastStatus: 'STOPPED', exitCode: 143 });
    await reconcileRun(w.deps, nameOf(1));
    await w.settle();
    expect(launched()).toEqual(['run0', 'run3', 'run1', 'run2']);
  });
});

describe('a slot of a concurrency group that an ended run has', () => {
  it('is reclaimed by a run that waits for it', async () => {
    const w = world();
    const project = await w.project();
    await start(w.deps, project, 0, inGroup);
    await w.settle();
    endTask(w, 0);
    await reconcileRun(w.deps, nameOf(0));
    const ended = await w.deps.store.runs.get(nameOf(0));
    if (ended?.settledAt === undefined) throw new Error('not settled');
    // A process that was suspended acquires the slot now, and crashes before it finds that the run has ended.
    await w.deps.store.slotsOf(project.id, 'e2e').take(claimOf(ended), { tasks: 1 }, 'no queue');
    await start(w.deps, project, 1, inGroup);
    await w.settle();
    expect(w.tasks.launched).toHaveLength(1);
    w.clock.advance(w.deps.policy.waitCheckSeconds + 1);
    await sweep(w.deps);
    await w.settle();
    expect(w.tasks.launched.map(({ runId: id }) => id)).toEqual(['run0', 'run1']);
  });
});

describe('a run beyond the limit', () => {
  it('stays queued with the reason and its position, and starts when another run has ended', async () => {
    const w = world({ deps: { policy: { ...embeddedPolicy, maxTasks: 1 } } });
    const project = await w.project();
    for (const index of [0, 1, 2]) {
      await start(w.deps, project, index);
      await w.settle();
      w.clock.advance(1);
    }
    expect(await w.deps.store.runs.get(nameOf(2))).toMatchObject({
      state: 'queued',
      waiting: { reason: 'capacity', position: 2 },
    });
    endTask(w, 0);
    w.clock.advance(1);
    await reconcileRun(w.deps, nameOf(0));
    await w.settle();
    expect(w.tasks.launched.map(({ runId: id }) => id)).toEqual(['run0', 'run1']);
    w.clock.advance(w.deps.policy.waitCheckSeconds);
    await sweep(w.deps);
    expect(await w.deps.store.runs.get(nameOf(2))).toMatchObject({ waiting: { position: 1 } });
  });

  it('of a quiet project precedes those of a busy project', async () => {
    const w = world({ deps: { policy: { ...embeddedPolicy, maxTasks: 2 } } });
    const [busy, quiet] = [await w.project({}, 'busy'), await w.project({}, 'quiet')];
    for (let index = 0; index < 8; index += 1) {
      await start(w.deps, busy, index);
      await w.settle();
      w.clock.advance(1);
    }
    await start(w.deps, quiet, 8);
    await w.settle();
    expect(await w.deps.store.runs.get(nameOf(8))).toMatchObject({ waiting: { position: 1 } });
    endTask(w, 0);
    await reconcileRun(w.deps, nameOf(0));
    await w.settle();
    expect(w.tasks.launched.map(({ runId: id }) => id)).toEqual(['run0', 'run1', 'run8']);
  });

  it('gives up its place when it is canceled, and takes none without limits', async () => {
    const w = world({ deps: { policy: { ...embeddedPolicy, maxTasks: 1 } } });
    const project = await w.project();
    for (const index of [0, 1]) await start(w.deps, project, index);
    await w.settle();
    await cancelRun(w.deps, { id: nameOf(1), reason: 'not wanted' });
    await w.settle();
    expect((await w.deps.store.slots.read()).waiting).toEqual([]);

    const free = world();
    await start(free.deps, await free.project(), 0);
    await free.settle();
    expect(await free.deps.store.slots.read()).toMatchObject({ active: [], waiting: [] });
  });
});
