import { beforeEach, describe, expect, it } from '@jest/globals';
import { type Holder, holder, runId } from '../../../../app/core/model/ids.ts';
import type { Project } from '../../../../app/core/model/project.ts';
import type { GithubTarget, Run, TeardownOptions } from '../../../../app/core/model/run.ts';
import { ensureProject, setProjectSuspended } from '../../../../app/core/projects/github-project.ts';
import { reconcileRun } from '../../../../app/core/runs/reconcile-run.ts';
import { startRun } from '../../../../app/core/runs/start-run.ts';
import { sweep } from '../../../../app/core/runs/sweep.ts';
import { cleanStack, tearDownStack } from '../../../../app/core/stacks/clean-stack.ts';
import { deleteLastStack } from '../../../../app/core/stacks/delete-last-stack.ts';
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

/** A run of a suite with a teardown, from its start until it finishes. */
async function use(
  name: string,
  change: {
    suite?: string;
    hold?: 'run' | 'pull_request';
    holder?: Holder;
    teardownOptions?: TeardownOptions;
    github?: GithubTarget;
  } = {},
): Promise<Run> {
  const { suite = 'e2e', hold = 'pull_request', holder: owner = me, teardownOptions, github } = change;
  await startRun(w.deps, {
    project,
    id: runId(name),
    spec: specOf({
      suite,
      setup: './deploy.sh',
      teardown: `./destroy.sh ${suite}`,
      ...(teardownOptions === undefined ? {} : { teardownOptions }),
      env: { REGION: 'eu' },
      junit: ['junit.xml'],
      retries: 2,
      stack: { holder: owner, hold, shares: false },
    }),
    trigger: { kind: 'push' },
    sha: 'a'.repeat(40),
    ...(github === undefined ? {} : { github }),
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

const failure = { outcome: 'failed', exitCode: 1 } as const;
const running = async (): Promise<Run> =>
  found((await teardowns()).find(({ settledAt }) => settledAt === undefined));

describe('a stack whose teardown fails', () => {
  async function failOnce(): Promise<void> {
    await use('test');
    await releaseHolder(w.deps, project, me);
    await w.settle();
    await finish((await running()).id, failure);
  }

  it.each([
    ['failed', failure],
    ['timed_out', { outcome: 'timed_out', exitCode: null }],
  ] as const)('(%s) is dirty, and no holder gets it', async (state, result) => {
    await use('test');
    await releaseHolder(w.deps, project, me);
    await w.settle();
    expect(await ask()).toMatchObject({ kind: 'waiting' });
    await finish((await teardown()).id, result);
    expect(await teardown()).toMatchObject({ state });
    const dirty = await stack();
    expect(dirty).toMatchObject({
      dirty: { attempts: 1, retryAt: new Date(w.clock.now().getTime() + 60_000) },
      teardowns: [{ suite: 'e2e', runId: 'test' }],
    });
    expect(dirty.hold).toBeUndefined();
    expect(await ask()).toMatchObject({ kind: 'waiting' });
    expect(w.events.map(({ type }) => type).filter((type) => type.startsWith('Stack'))).toEqual([
      'StackHeld',
      'StackDirty',
    ]);
    await expect(deleteLastStack(w.deps, project)).rejects.toMatchObject({ code: 'stack_dirty' });
  });

  it('is torn down again when the App is installed again, and with its new installation', async () => {
    const github = {
      repositoryId: 1,
      installationId: 77,
      owner: 'octo-org',
      name: 'shop',
      defaultBranch: 'main',
    };
    const made = await ensureProject(w.deps, github);
    project = made.project;
    const target = {
      repositoryId: 1,
      installationId: 77,
      owner: 'octo-org',
      repo: 'shop',
      headSha: 'a'.repeat(40),
    };
    await use('test', { github: target });
    await releaseHolder(w.deps, project, me);
    for (let attempt = 1; attempt <= 4; attempt += 1) {
      w.clock.advance(3600);
      await sweep(w.deps);
      await w.settle();
      const [teardown] = await w.deps.store.runs.listActive(project.id);
      await finish(found(teardown).id, { outcome: 'failed', exitCode: 1 });
    }
    expect(await stack()).toMatchObject({ dirty: { attempts: 4 } });
    expect((await stack()).dirty?.retryAt).toBeUndefined();

    await setProjectSuspended(w.deps, 1, true);
    await ensureProject(w.deps, { ...github, installationId: 78 });
    const installations: unknown[] = [];
    const { sources } = w.deps;
    const deps = {
      ...w.deps,
      sources: {
        resolve: (run: Run) => {
          installations.push(run.github?.installationId);
          return sources.resolve(run);
        },
      },
    };
    await setProjectSuspended(deps, 1, false);
    await sweep(deps);
    await sweep(deps);
    expect(installations).toEqual([78]);
  });

  it('is dirty if the task of the teardown is lost', async () => {
    await use('test');
    await releaseHolder(w.deps, project, me);
    await w.settle();
    w.tasks.lose(w.tasks.arnOf((await teardown()).id));
    await pass(1);
    await pass(10);
    expect(await teardown()).toMatchObject({ state: 'errored', outcome: { errorCode: 'task_lost' } });
    expect(await stack()).toMatchObject({ dirty: { attempts: 1 } });
  });

  it('is retried with backoff, and goes to the next holder when the third teardown works', async () => {
    await failOnce();
    expect(await ask()).toMatchObject({ kind: 'waiting' });
    await pass(59);
    expect(await teardowns()).toHaveLength(1);
    await pass(1);
    expect(await stack()).toMatchObject({ hold: { teardownOf: 'test' }, dirty: { attempts: 1 } });
    await finish((await running()).id, failure);
    expect(await stack()).toMatchObject({ dirty: { attempts: 2 } });
    await pass(299);
    expect(await teardowns()).toHaveLength(2);
    await pass(1);
    expect(await ask()).toMatchObject({ kind: 'waiting' });
    await finish((await running()).id);
    const clean = await stack();
    expect([clean.dirty, clean.teardowns]).toEqual([undefined, undefined]);
    expect(clean).toMatchObject({ hold: { holder: next } });
    expect(await teardowns()).toHaveLength(3);
  });

  async function failAlways(): Promise<void> {
    await failOnce();
    for (let round = 0; round < 10; round += 1) {
      await pass(3600);
      for (const run of await teardowns()) if (run.settledAt === undefined) await finish(run.id, failure);
    }
  }

  it('waits for a person after four teardowns, and is available once it is cleaned', async () => {
    await failAlways();
    expect(await teardowns()).toHaveLength(4);
    expect((await stack()).dirty).toMatchObject({ attempts: 4 });
    expect((await stack()).dirty?.retryAt).toBeUndefined();
    expect(await ask()).toMatchObject({ kind: 'waiting' });
    await cleanStack(w.deps, { project, stackName: 'test-1' });
    expect(await stack()).toMatchObject({ hold: { holder: next } });
    expect((await stack()).dirty).toBeUndefined();
    await cleanStack(w.deps, { project, stackName: 'test-1' });
  });

  it('is torn down again when a person asks for it', async () => {
    await failAlways();
    await tearDownStack(w.deps, { project, stackName: 'test-1' });
    await w.settle();
    await expect(tearDownStack(w.deps, { project, stackName: 'test-1' })).rejects.toMatchObject({
      code: 'stack_held',
    });
    await expect(cleanStack(w.deps, { project, stackName: 'test-1' })).rejects.toMatchObject({
      code: 'stack_held',
    });
    await finish((await running()).id);
    expect((await stack()).dirty).toBeUndefined();
    await expect(tearDownStack(w.deps, { project, stackName: 'test-1' })).rejects.toMatchObject({
      code: 'conflict',
    });
  });

  it('is released anyway if the settings say so', async () => {
    await use('test', { teardownOptions: { onFailure: 'release' } });
    await releaseHolder(w.deps, project, me);
    await w.settle();
    await finish((await running()).id, failure);
    const free = await stack();
    expect([free.hold, free.dirty, free.teardowns]).toEqual([undefined, undefined, undefined]);
  });

  it('has the time limit and the retries of the settings', async () => {
    await use('test', { teardownOptions: { retries: 0, timeoutSeconds: 77 } });
    await releaseHolder(w.deps, project, me);
    await w.settle();
    expect((await running()).spec.timeoutSeconds).toBe(77);
    await finish((await running()).id, failure);
    expect((await stack()).dirty).toMatchObject({ attempts: 1 });
    expect((await stack()).dirty?.retryAt).toBeUndefined();
  });

  it('is dirty though the process is killed when the teardown has failed', async () => {
    await use('test');
    await releaseHolder(w.deps, project, me);
    await w.settle();
    const { id } = await running();
    writeResult(w, id, failure);
    w.tasks.set(w.tasks.arnOf(id), { lastStatus: 'STOPPED', exitCode: 1 });
    const { stacks } = w.deps.store;
    const save: typeof stacks.save = async (to, seen) => {
      if (to.dirty !== undefined) throw new Error('killed');
      return stacks.save(to, seen);
    };
    const dying = { ...w.deps, store: { ...w.deps.store, stacks: { ...stacks, save } } };
    await expect(reconcileRun(dying, id)).rejects.toThrow('killed');
    expect(await stack()).toMatchObject({ hold: { teardownOf: 'test' } });
    expect(await ask()).toMatchObject({ kind: 'waiting' });
    await pass(60);
    expect(await stack()).toMatchObject({ dirty: { attempts: 1 } });
  });
});
