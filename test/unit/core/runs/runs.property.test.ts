import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type Holder, holder, type RunId, runId } from '../../../../app/core/model/ids.ts';
import type { Project } from '../../../../app/core/model/project.ts';
import { isTerminal } from '../../../../app/core/model/run-state.ts';
import { cancelRun } from '../../../../app/core/runs/cancel-run.ts';
import { reconcileRun } from '../../../../app/core/runs/reconcile-run.ts';
import { startRun } from '../../../../app/core/runs/start-run.ts';
import { sweep } from '../../../../app/core/runs/sweep.ts';
import { grantWaiters } from '../../../../app/core/stacks/grant-waiters.ts';
import { releaseHolder } from '../../../../app/core/stacks/release-stack.ts';
import { hooked } from '../../../helpers/hooked.ts';
import { interleaved } from '../../../helpers/interleaved.ts';
import { specOf, type World, world, writeResult } from '../../../helpers/memory-deps.ts';
import { memoryStore } from '../../../helpers/memory-store.ts';

/**
 * Runs that want stacks are looked at, cancelled, and served from the line by many processes at once, which die at any
 * call to the store, in every order that fast-check thinks of. All of them come to an end, and their stacks are free.
 */

const run = fc.integer({ min: 0, max: 3 });
const action = (crashAt: fc.Arbitrary<number | undefined>) =>
  fc.oneof(
    { weight: 6, arbitrary: fc.record({ kind: fc.constant('advance' as const), run, crashAt }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('cancel' as const), run, crashAt }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('serve' as const), crashAt }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('sweep' as const), crashAt }) },
    {
      weight: 1,
      arbitrary: fc.record({ kind: fc.constant('pass' as const), seconds: fc.constantFrom(1, 6, 130) }),
    },
  );
type Action = ReturnType<typeof action> extends fc.Arbitrary<infer One> ? One : never;

const pullRequest = holder.pullRequest(1);
const runs = [0, 1, 2, 3].map((number) => runId(`run${number}`));
const idOf = (number: number): RunId => runs[number] ?? runId('none');
/** Two runs hold for themselves, two for a pull request whose stack they share in turns. */
const holderOf = (number: number): { holder: Holder; hold: 'run' | 'pull_request' } =>
  number < 2
    ? { holder: holder.run(idOf(number)), hold: 'run' }
    : { holder: pullRequest, hold: 'pull_request' };

async function carryOut(w: World, project: Project, one: Action): Promise<unknown> {
  switch (one.kind) {
    case 'advance':
      return look(w, idOf(one.run));
    case 'cancel':
      return cancelRun(w.deps, { id: idOf(one.run), reason: 'Not wanted any more.' });
    case 'serve':
      return grantWaiters(w.deps, project);
    case 'sweep':
      return sweep(w.deps);
    case 'pass':
      return w.clock.advance(one.seconds);
  }
}

/** Looks at a run. What it launched has ended by the next look. */
async function look(w: World, id: RunId): Promise<void> {
  const seen = await w.deps.store.runs.get(id);
  const task = seen === undefined || isTerminal(seen.state) ? undefined : seen.task;
  // Another look may have settled the run meanwhile, and removed its task.
  if (task !== undefined && (await w.deps.executor.describe([task])).has(task.arn)) {
    writeResult(w, id);
    w.tasks.set(task.arn, { lastStatus: 'STOPPED', exitCode: 0 });
  }
  await reconcileRun(w.deps, id);
}

/** Runs every action as a task of its own; each call to the store is a point at which any other may go first. */
async function interleave(scheduler: fc.Scheduler, actions: readonly Action[], maxStacks: number) {
  const backing = memoryStore();
  const calm = world({ store: backing });
  const project = await calm.project({ maxStacks });
  for (const [number, id] of runs.entries()) {
    const spec = specOf({ stack: { ...holderOf(number), shares: false } });
    await startRun(calm.deps, { project, id, spec, trigger: { kind: 'api' } });
  }
  await interleaved(scheduler, actions, (one, before) => {
    const store = { ...backing, stacks: hooked(backing.stacks, before), runs: hooked(backing.runs, before) };
    return carryOut({ ...calm, deps: { ...calm.deps, store } }, project, one);
  });
  return { w: calm, project };
}

/**
 * Nothing happens any more but that runs are looked at, and time passes by a few seconds each time. Whoever works on the
 * pull request gives its stack back whenever no run is active on it, so that the others get one.
 */
async function comeToRest(w: World, project: Project): Promise<void> {
  for (let round = 0; round < 12; round += 1) {
    for (const id of runs) await look(w, id);
    await releaseHolder(w.deps, project, pullRequest);
    w.clock.advance(6);
    await sweep(w.deps);
  }
}

async function whatIsLeft(w: World, project: Project) {
  const ended = await Promise.all(runs.map((id) => w.deps.store.runs.get(id)));
  const pool = await w.deps.store.stacks.list(project.id);
  return {
    unsettled: ended.filter((one) => one === undefined || !isTerminal(one.state) || !one.settledAt),
    active: pool.filter(({ activeRuns }) => activeRuns.length > 0),
    heldByRuns: pool.filter(({ hold }) => hold?.holder.startsWith('run:')),
    waiting: await w.deps.store.stacks.line(project.id, 10),
  };
}
const nothing = { unsettled: [], active: [], heldByRuns: [], waiting: [] };

const actions = (crashAt: fc.Arbitrary<number | undefined>) =>
  fc.array(action(crashAt), { minLength: 2, maxLength: 14 });
const maxStacks = fc.integer({ min: 1, max: 2 });

describe('runs, whatever happens', () => {
  it('end, and leave no stack held within a minute', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        actions(fc.constant(undefined)),
        maxStacks,
        async (scheduler, all, most) => {
          const { w, project } = await interleave(scheduler, all, most);
          await comeToRest(w, project);
          expect(await whatIsLeft(w, project)).toEqual(nothing);
        },
      ),
      { numRuns: 2000 },
    );
  });

  it('end, and leave no stack held within hours, where processes die', async () => {
    const crashAt = fc.option(fc.integer({ min: 1, max: 14 }), { nil: undefined, freq: 3 });
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), actions(crashAt), maxStacks, async (scheduler, all, most) => {
        const { w, project } = await interleave(scheduler, all, most);
        await comeToRest(w, project);
        for (let hours = 0; hours < 2; hours += 1) {
          w.clock.advance(3700);
          await sweep(w.deps);
          await comeToRest(w, project);
        }
        expect(await whatIsLeft(w, project)).toEqual(nothing);
      }),
      { numRuns: 1000 },
    );
  });
});
