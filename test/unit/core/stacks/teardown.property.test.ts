import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { holder, runId } from '../../../../app/core/model/ids.ts';
import type { Project } from '../../../../app/core/model/project.ts';
import { isReserved, type Stack } from '../../../../app/core/model/stack.ts';
import { reconcileRun } from '../../../../app/core/runs/reconcile-run.ts';
import { sweep } from '../../../../app/core/runs/sweep.ts';
import { cleanStack, tearDownStack } from '../../../../app/core/stacks/clean-stack.ts';
import { releaseHolder, releaseStack } from '../../../../app/core/stacks/release-stack.ts';
import { requestStack } from '../../../../app/core/stacks/request-stack.ts';
import { reserveStack, unreserveStack } from '../../../../app/core/stacks/reserve-stack.ts';
import { newRun } from '../../../contract/store/samples.ts';
import { cases } from '../../../helpers/cases.ts';
import { holdChanges } from '../../../helpers/hold-changes.ts';
import { hooked } from '../../../helpers/hooked.ts';
import { interleaved } from '../../../helpers/interleaved.ts';
import { specOf, type World, world, writeResult } from '../../../helpers/memory-deps.ts';
import { memoryStore } from '../../../helpers/memory-store.ts';
import { unlessRefused } from '../../../helpers/unless-refused.ts';

/**
 * Runs with a teardown use stacks, give them back, let them expire and lie idle, and die at any call to the store, in
 * every order that fast-check thinks of. A client that received a stack checks whether it was torn down.
 */

const crashAt = fc.option(fc.integer({ min: 1, max: 14 }), { nil: undefined, freq: 3 });
const client = fc.integer({ min: 0, max: 3 });
const action = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ kind: fc.constant('use' as const), client, wait: fc.boolean(), crashAt }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('release' as const), client, crashAt }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('free' as const), crashAt }) },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('work' as const), fails: fc.boolean(), crashAt }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('clean' as const), crashAt }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('tear down' as const), crashAt }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('reserve' as const), crashAt }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('unreserve' as const), crashAt }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('sweep' as const), crashAt }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('pass' as const), seconds: fc.constantFrom(5, 61, 700) }),
  },
);
type Action = typeof action extends fc.Arbitrary<infer One> ? One : never;

/** Which hold left something on which stack, by its token. */
type Left = Map<string, { readonly token: number; readonly client: string }>;

async function refuseUntidy(w: World, project: Project, left: Left, stack: Stack): Promise<void> {
  const before = left.get(stack.stackName);
  const me = stack.hold?.holder ?? '';
  if (before === undefined || before.token === stack.token) return;
  const states: string[] = [];
  for (let token = before.token; token < stack.token; token += 1) {
    const id = await w.deps.ids.derived('teardown', project.id, String(stack.number), String(token));
    const run = await w.deps.store.runs.get(runId(id));
    if (run?.state === 'succeeded') return;
    states.push(run?.state ?? 'none');
  }
  throw new Error(`${me} was given ${stack.stackName} as ${before.client} left it: ${states.join()}`);
}

/** A stack that was reserved all the time has had no change of its holder. */
function refuseReserved(before: Stack | undefined, stack: Stack, now: Date): void {
  if (before === undefined || before.number !== stack.number || !isReserved(before, now)) return;
  if (stack.reservation?.since.getTime() === before.reservation?.since.getTime()) {
    if (stack.token !== before.token) throw new Error(`${stack.stackName} was given away while reserved`);
  }
}

async function use(w: World, calm: World, project: Project, left: Left, one: Action & { kind: 'use' }) {
  const me = holder.client(`c${one.client}`);
  const now = w.clock.now();
  const spec = specOf({ suite: 'e2e', teardown: './destroy.sh' });
  // Ended already, so that a process that dies during its turn is found.
  const run = newRun(
    project.id,
    { id: runId(w.deps.ids.unique()), state: 'succeeded', settledAt: now },
    spec,
  );
  await calm.deps.store.runs.create(run);
  const before = await calm.deps.store.stacks.get(project.id, 1);
  const answer = await requestStack(w.deps, {
    project,
    holder: me,
    branch: 'b0',
    wait: one.wait,
    turn: { runId: run.id, shares: false, teardown: 'e2e' },
    ...(one.client % 2 === 0 ? { leaseSeconds: 60 } : {}),
  });
  if (answer.kind !== 'held') return;
  refuseReserved(before, answer.stack, now);
  await refuseUntidy(calm, project, left, answer.stack);
  left.set(answer.stack.stackName, { token: answer.stack.token, client: me });
  await holdChanges(w.deps.store).leave(project.id, answer.stack.number, run.id, { now: w.clock.now() });
}

/** Ends the tasks of the teardowns that are in progress, well or badly, and looks at their runs. */
async function work(w: World, project: Project, fails: boolean): Promise<void> {
  for (const { id, task } of await w.deps.store.runs.listActive(project.id)) {
    if (task !== undefined) {
      writeResult(w, id, fails ? { outcome: 'failed', exitCode: 1 } : {});
      w.tasks.set(task.arn, { lastStatus: 'STOPPED', exitCode: 0 });
    }
    await reconcileRun(w.deps, id);
  }
}

/** Releases every stack for every client that may. */
const freeByName = (w: World, project: Project) =>
  unlessRefused(() => releaseStack(w.deps, { project, stackName: 'test-1' }));

async function carryOut(w: World, calm: World, project: Project, left: Left, one: Action): Promise<unknown> {
  switch (one.kind) {
    case 'use':
      return use(w, calm, project, left, one);
    case 'release':
      return releaseHolder(w.deps, project, holder.client(`c${one.client}`));
    case 'free':
      return freeByName(w, project);
    case 'work':
      return work(w, project, one.fails);
    case 'clean':
      // A person cleans what is dirty, and no one else's stack.
      return unlessRefused(async () => {
        const dirty = (await calm.deps.store.stacks.get(project.id, 1))?.dirty;
        const stack = await cleanStack(w.deps, { project, stackName: 'test-1' });
        if (dirty !== undefined) left.delete(stack.stackName);
      });
    case 'tear down':
      return unlessRefused(() => tearDownStack(w.deps, { project, stackName: 'test-1' }));
    case 'reserve':
      return unlessRefused(() =>
        reserveStack(w.deps, { project, stackName: 'test-1', by: 'dana', reason: 'demo', seconds: 300 }),
      );
    case 'unreserve':
      return unlessRefused(() => unreserveStack(w.deps, { project, stackName: 'test-1' }));
    case 'sweep':
      return sweep(w.deps);
    case 'pass':
      return w.clock.advance(one.seconds);
  }
}

/** Runs every action as a separate task; each call to the store is a point at which any other may go first. */
async function interleave(scheduler: fc.Scheduler, actions: readonly Action[], maxStacks: number) {
  const backing = memoryStore();
  const calm = world({ store: backing });
  const project = await calm.project({ maxStacks, reclaimAfterSeconds: 600 });
  const left: Left = new Map();
  await interleaved(scheduler, actions, (one, before) => {
    const store = {
      ...backing,
      stacks: hooked(backing.stacks, before),
      holders: hooked(backing.holders, before),
      queue: hooked(backing.queue, before),
      runs: hooked(backing.runs, before),
    };
    return carryOut({ ...calm, deps: { ...calm.deps, store } }, calm, project, left, one);
  });
  return { w: calm, project };
}

/** All that died in its turn has ended by now, every client releases, and teardowns finish. */
async function clearUp(w: World, project: Project, client: number): Promise<void> {
  const { stacks, runs } = w.deps.store;
  for (const { number, activeRuns } of await stacks.list(project.id)) {
    for (const id of activeRuns) {
      const run = await runs.get(id);
      if (run?.spec.teardownOf === undefined)
        await holdChanges(w.deps.store).leave(project.id, number, id, { now: w.clock.now() });
    }
  }
  w.clock.advance(3700);
  await sweep(w.deps);
  await releaseHolder(w.deps, project, holder.client(`c${client}`));
  for (let round = 0; round < 3; round += 1) await work(w, project, false);
  await unlessRefused(() => tearDownStack(w.deps, { project, stackName: 'test-1' }));
  await unlessRefused(() => tearDownStack(w.deps, { project, stackName: 'test-2' }));
}

describe('a teardown, after any interleaving', () => {
  it('ends before anyone else gets the stack, and never loses the stack', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.array(action, { minLength: 2, maxLength: 14 }),
        fc.integer({ min: 1, max: 2 }),
        async (scheduler, actions, maxStacks) => {
          const { w, project } = await interleave(scheduler, actions, maxStacks);
          for (let client = 0; client < 4; client += 1) await clearUp(w, project, client);
          w.clock.advance(3700);
          await sweep(w.deps);
          const pool = await w.deps.store.stacks.list(project.id);
          expect(
            pool.filter(
              ({ hold, teardowns, dirty, reservation }) =>
                (hold ?? teardowns ?? dirty ?? reservation) !== undefined,
            ),
          ).toEqual([]);
        },
      ),
      { numRuns: cases(80) },
    );
  });
});
