import { beforeEach, describe, expect, it } from '@jest/globals';
import { type Holder, holder, runId } from '../../../../app/core/model/ids.ts';
import type { Project } from '../../../../app/core/model/project.ts';
import type { Run } from '../../../../app/core/model/run.ts';
import { startRun } from '../../../../app/core/runs/start-run.ts';
import { sweep } from '../../../../app/core/runs/sweep.ts';
import { releaseHolder, releaseStack } from '../../../../app/core/stacks/release-stack.ts';
import { requestStack } from '../../../../app/core/stacks/request-stack.ts';
import { specOf, type World, world, writeResult } from '../../../helpers/memory-deps.ts';

let w: World;
let project: Project;
const me = holder.pullRequest(7);
const next = holder.pullRequest(8);

beforeEach(async () => {
  w = world();
  project = await w.project({ maxStacks: 1, reclaimAfterSeconds: 600 });
});

/** A run of a suite with a teardown, from its start to its end. */
async function use(
  name: string,
  change: { suite?: string; hold?: 'run' | 'pull_request'; holder?: Holder } = {},
): Promise<Run> {
  const { suite = 'e2e', hold = 'pull_request', holder: who = me } = change;
  await startRun(w.deps, {
    project,
    id: runId(name),
    spec: specOf({
      suite,
      setup: './deploy.sh',
      teardown: `./destroy.sh ${suite}`,
      env: { REGION: 'eu' },
      junit: ['junit.xml'],
      retries: 2,
      stack: { holder: who, hold, shares: false },
    }),
    trigger: { kind: 'push' },
    sha: 'a'.repeat(40),
  });
  await w.settle();
  await finish(name);
  return found(await w.deps.store.runs.get(runId(name)));
}

function found<Value>(value: Value | undefined): Value {
  if (value === undefined) throw new Error('expected a value, found none');
  return value;
}

async function finish(name: string, result: Parameters<typeof writeResult>[2] = {}): Promise<void> {
  writeResult(w, runId(name), result);
  w.tasks.set(w.tasks.arnOf(name), { lastStatus: 'STOPPED', exitCode: result.exitCode ?? 0 });
  await w.deps.enqueue(runId(name));
  await w.settle();
}

const stack = async () => found(await w.deps.store.stacks.get(project.id, 1));
const teardowns = async (): Promise<readonly Run[]> =>
  (await w.deps.store.runs.list(project.id, {}, { limit: 100 })).items.filter(
    (run) => run.spec.teardownOf !== undefined,
  );
const teardown = async (): Promise<Run> => found((await teardowns())[0]);
const ask = () => requestStack(w.deps, { project, holder: next, branch: 'next', wait: true });
async function pass(seconds: number): Promise<void> {
  w.clock.advance(seconds);
  await sweep(w.deps);
  await w.settle();
}

describe('a stack whose suite has a teardown', () => {
  it('is torn down by a separate run when it is released', async () => {
    await use('test');
    await releaseHolder(w.deps, project, me);
    await w.settle();
    const run = await teardown();
    expect(run).toMatchObject({
      state: 'provisioning',
      trigger: { kind: 'teardown' },
      sha: 'a'.repeat(40),
      held: { stackName: 'test-1' },
      spec: {
        suite: 'e2e teardown',
        command: './destroy.sh e2e',
        env: { REGION: 'eu' },
        junit: [],
        retries: 0,
        teardownOf: 'test',
      },
    });
    expect(run.spec.setup).toBeUndefined();
    expect(run.spec.teardown).toBeUndefined();
    expect(await stack()).toMatchObject({ hold: { teardownOf: 'test' }, activeRuns: [run.id] });
  });

  it('goes to the next in the queue when the teardown has ended, and not before', async () => {
    await use('test');
    expect(await ask()).toMatchObject({ kind: 'waiting', position: 1 });
    await releaseHolder(w.deps, project, me);
    await w.settle();
    expect(await ask()).toMatchObject({ kind: 'waiting', position: 1 });
    expect(w.events.filter(({ type }) => type === 'StackReleased')).toEqual([]);
    await finish((await teardown()).id);
    expect(await stack()).toMatchObject({ hold: { holder: next } });
    expect(w.events.filter(({ type }) => type === 'StackReleased')).toHaveLength(1);
    expect(await teardowns()).toHaveLength(1);
  });

  it.each([
    ['failed', { outcome: 'failed', exitCode: 1 }],
    ['timed_out', { outcome: 'timed_out', exitCode: null }],
  ] as const)('is released even if the teardown %s, without a retry', async (state, result) => {
    await use('test');
    await releaseHolder(w.deps, project, me);
    await w.settle();
    await finish((await teardown()).id, result);
    expect(await teardown()).toMatchObject({ state });
    expect(await teardowns()).toHaveLength(1);
    expect((await stack()).hold).toBeUndefined();
  });

  it('is released even if the task of the teardown is lost', async () => {
    await use('test');
    await releaseHolder(w.deps, project, me);
    await w.settle();
    w.tasks.lose(w.tasks.arnOf((await teardown()).id));
    await pass(1);
    await pass(10);
    expect(await teardown()).toMatchObject({ state: 'errored', outcome: { errorCode: 'task_lost' } });
    expect((await stack()).hold).toBeUndefined();
  });

  it('cannot be released during the teardown', async () => {
    await use('test');
    await releaseHolder(w.deps, project, me);
    await expect(releaseStack(w.deps, { project, stackName: 'test-1' })).rejects.toMatchObject({
      code: 'stack_held',
    });
    await w.settle();
    await expect(releaseStack(w.deps, { project, stackName: 'test-1' })).rejects.toMatchObject({
      code: 'stack_held',
    });
  });

  it('is torn down after each run that holds only for itself', async () => {
    await use('test', { hold: 'run', holder: holder.run(runId('test')) });
    expect(await teardown()).toMatchObject({ state: 'provisioning', spec: { teardownOf: 'test' } });
  });

  it('is torn down once for each suite that used it, one after the other', async () => {
    await use('first');
    await use('second');
    await use('load', { suite: 'load' });
    await releaseHolder(w.deps, project, me);
    await w.settle();
    const [one] = await teardowns();
    await finish(found(one).id);
    expect((await stack()).hold?.teardownOf).toBeDefined();
    const two = (await teardowns()).find(({ state }) => state !== 'succeeded');
    await finish(found(two).id);
    expect((await teardowns()).map((run) => run.spec.teardownOf).sort()).toEqual(['load', 'second']);
    expect((await stack()).hold).toBeUndefined();
  });

  it('is torn down when its lease expires', async () => {
    await use('test');
    await requestStack(w.deps, { project, holder: me, branch: 'main', wait: false, leaseSeconds: 60 });
    await pass(61);
    expect(await teardown()).toMatchObject({ state: 'provisioning' });
    await finish((await teardown()).id);
    expect((await stack()).hold).toBeUndefined();
  });

  it('is torn down for the queue after a long idle time, and goes to the next holder', async () => {
    await use('test');
    expect(await ask()).toMatchObject({ kind: 'waiting' });
    expect(await teardowns()).toEqual([]);
    w.clock.advance(601);
    expect(await ask()).toMatchObject({ kind: 'waiting' });
    await w.settle();
    await finish((await teardown()).id);
    expect(await stack()).toMatchObject({ hold: { holder: next } });
    // Its holder of before takes another, or waits.
    expect(await requestStack(w.deps, { project, holder: me, branch: 'main', wait: false })).toMatchObject({
      kind: 'none',
    });
  });

  it('is torn down without any message, and its run is created again after a crash', async () => {
    await use('test');
    const { runs } = w.deps.store;
    const forgetful = {
      ...w.deps,
      store: { ...w.deps.store, runs: { ...runs, create: async () => Promise.reject(new Error('killed')) } },
    };
    await expect(releaseHolder(forgetful, project, me)).rejects.toThrow('killed');
    expect((await stack()).hold?.teardownOf).toBe('test');
    expect(await teardowns()).toEqual([]);
    await pass(4);
    await finish((await teardown()).id);
    expect((await stack()).hold).toBeUndefined();
  });
});
