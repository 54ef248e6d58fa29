import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Deps } from '../../../app/core/deps.ts';
import { type Holder, holder, type RunId, runId } from '../../../app/core/model/ids.ts';
import type { Project } from '../../../app/core/model/project.ts';
import { cancelRun } from '../../../app/core/runs/cancel-run.ts';
import { reconcileRun } from '../../../app/core/runs/reconcile-run.ts';
import { startRun } from '../../../app/core/runs/start-run.ts';
import { grantWaiters } from '../../../app/core/stacks/grant-waiters.ts';
import { closeHolder } from '../../../app/core/stacks/holder-records.ts';
import { requestStack } from '../../../app/core/stacks/request-stack.ts';
import { holdChanges } from '../../helpers/hold-changes.ts';
import { hooked } from '../../helpers/hooked.ts';
import { specOf, type World, world } from '../../helpers/memory-deps.ts';

/** The process that grants stacks to waiters is slow, and they leave in the meantime. */
let w: World;
let project: Project;
const tenant = holder.client('tenant');

beforeEach(async () => {
  w = world();
  project = await w.project({ maxStacks: 1 });
});

function start(id: RunId, waiter: Holder, hold: 'run' | 'pull_request'): Promise<unknown> {
  const spec = specOf({ stack: { holder: waiter, hold, shares: false } });
  return startRun(w.deps, { project, id, spec, trigger: { kind: 'api' } });
}

/** A run that waits for the only stack, which someone has. */
async function waiting(name: string) {
  await start(runId(name), holder.run(runId(name)), 'run');
  await w.settle();
  expect(await w.deps.store.runs.get(runId(name))).toMatchObject({ state: 'waiting' });
}

/** The world with a pause: at the first call `at` of the store of stacks, `meanwhile` happens. */
function pausing(at: string, meanwhile: () => Promise<unknown>): { deps: Deps; paused: () => boolean } {
  let isDone = false;
  const hook = async (method: string) => {
    if (method !== at || isDone) return;
    isDone = true;
    await meanwhile();
  };
  const store = {
    ...w.deps.store,
    stacks: hooked(w.deps.store.stacks, (method) => hook(`stacks.${method}`)),
    holders: hooked(w.deps.store.holders, (method) => hook(`holders.${method}`)),
  };
  return { deps: { ...w.deps, store }, paused: () => isDone };
}

async function serveSlowly(at: string, meanwhile: () => Promise<unknown>): Promise<void> {
  const slow = pausing(at, meanwhile);
  await grantWaiters(slow.deps, project);
  expect(slow.paused()).toBe(true);
}

const cancelled = async (name: string) => {
  await cancelRun(w.deps, { id: runId(name), reason: 'no longer wanted' });
  await w.settle();
};
const stacks = () => w.deps.store.stacks.list(project.id);

/** The stack becomes free, and no waiter has received it yet. */
async function freed(): Promise<void> {
  const [stack] = await stacks();
  if (stack === undefined) throw new Error('there is no stack');
  await holdChanges(w.deps.store).release(stack, w.clock.now());
}

describe('a stack that is granted to a holder that left the queue', () => {
  beforeEach(async () => {
    await requestStack(w.deps, { project, holder: tenant, branch: 'main', wait: false });
  });

  it.each(['stacks.view', 'holders.save', 'stacks.save'])(
    'does not stay with a run that ended before %s',
    async (call) => {
      await waiting('run1');
      await freed();
      await serveSlowly(call, () => cancelled('run1'));
      expect((await stacks())[0]?.hold).toBeUndefined();
    },
  );

  it('goes to the next in the queue immediately', async () => {
    await waiting('run1');
    await waiting('run2');
    await freed();
    await serveSlowly('stacks.save', () =>
      closeHolder(w.deps.store.holders, project.id, holder.run(runId('run1')), w.clock.now()),
    );
    expect((await stacks())[0]?.hold).toMatchObject({ holder: holder.run(runId('run2')) });
    expect(w.events.filter(({ type }) => type === 'StackHeld')).toHaveLength(2);
  });
});

describe('a run that acquires its stack while another process ends it', () => {
  async function takesSlowly(name: string, waiter: Holder, hold: 'run' | 'pull_request'): Promise<void> {
    const id = runId(name);
    await start(id, waiter, hold);
    const slow = pausing('stacks.save', () => cancelled(name));
    await reconcileRun(slow.deps, id);
    expect(slow.paused()).toBe(true);
    await w.settle();
    expect(await w.deps.store.runs.get(id)).toMatchObject({
      state: 'cancelled',
      settledAt: expect.anything(),
    });
  }

  it('does not keep it', async () => {
    await takesSlowly('run1', holder.run(runId('run1')), 'run');
    expect(await stacks()).toMatchObject([{ activeRuns: [] }]);
    expect((await stacks())[0]?.hold).toBeUndefined();
  });

  it('does not keep its turn on the stack of its pull request', async () => {
    await takesSlowly('run1', holder.pullRequest(1), 'pull_request');
    expect(await stacks()).toMatchObject([{ activeRuns: [], hold: { holder: holder.pullRequest(1) } }]);
  });

  it('that crashed in its turn and was ended by another process does not block other runs of its pull request', async () => {
    const [dead, next] = [runId('run1'), runId('run2')];
    const pullRequest = holder.pullRequest(1);
    await start(dead, pullRequest, 'pull_request');
    await cancelled('run1');
    // What the dead process had sent before it died.
    const turn = { runId: dead, shares: false };
    await requestStack(w.deps, { project, holder: pullRequest, branch: 'topic', wait: false, turn });
    await start(next, pullRequest, 'pull_request');
    await w.settle();
    expect(await w.deps.store.runs.get(next)).toMatchObject({ state: 'provisioning' });
    expect(await stacks()).toMatchObject([{ activeRuns: [next] }]);
  });
});
