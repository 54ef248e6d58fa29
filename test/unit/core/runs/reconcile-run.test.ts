import { beforeEach, describe, expect, it, jest } from '@jest/globals';
import { holder, runId } from '../../../../app/core/model/ids.ts';
import type { Project } from '../../../../app/core/model/project.ts';
import type { RunSpec } from '../../../../app/core/model/run.ts';
import type { TaskStatus } from '../../../../app/core/model/task.ts';
import { cancelRun } from '../../../../app/core/runs/cancel-run.ts';
import { reconcileRun } from '../../../../app/core/runs/reconcile-run.ts';
import { retestRun } from '../../../../app/core/runs/retest-run.ts';
import { startRun } from '../../../../app/core/runs/start-run.ts';
import { createSweep, sweep } from '../../../../app/core/runs/sweep.ts';
import { closeHolder } from '../../../../app/core/stacks/holder-records.ts';
import { releaseHolder } from '../../../../app/core/stacks/release-stack.ts';
import type { Store } from '../../../../app/ports/store.ts';
import { jobOf, specOf, type World, world, writeResult } from '../../../helpers/memory-deps.ts';

const id = runId('run1');
let w: World;
let project: Project;

beforeEach(async () => {
  w = world();
  project = await w.project({ maxStacks: 1 });
});

/** Starts a run and performs the work that follows immediately. */
async function started(
  name = 'run1',
  change: Partial<RunSpec> = {},
  extra: Partial<Parameters<typeof startRun>[1]> = {},
) {
  await startRun(w.deps, {
    project,
    id: runId(name),
    spec: specOf(change),
    trigger: { kind: 'api' },
    ...extra,
  });
  await w.settle();
  return current(name);
}

async function current(name = 'run1') {
  const run = await w.deps.store.runs.get(runId(name));
  if (run === undefined) throw new Error(`there is no run ${name}`);
  return run;
}

/** Time passes, and the sweep finds what is due. */
async function pass(seconds: number): Promise<void> {
  w.clock.advance(seconds);
  await sweep(w.deps);
  await w.settle();
}

const interrupted = { code: 'interrupted', message: 'Spot interrupted the task.', retryable: true } as const;
const wants = (name: string, shares = false, owner = holder.run(runId(name))) => ({
  stack: { holder: owner, hold: 'run' as const, shares },
});

describe('a run that its caller knows already', () => {
  it('is not read before its first write', async () => {
    const { run } = await startRun(w.deps, {
      ...{ project, id, spec: specOf(wants('run1')), trigger: { kind: 'api' } },
    });
    const reads: string[] = [];
    const { projects, runs, holders } = w.deps.store;
    const reading = <Found>(name: string, get: () => Promise<Found>) => {
      reads.push(name);
      return get();
    };
    const store: Store = {
      ...w.deps.store,
      projects: { ...projects, get: (...key) => reading('project', () => projects.get(...key)) },
      runs: { ...runs, get: (...key) => reading('run', () => runs.get(...key)) },
      holders: { ...holders, get: (...key) => reading('holder', () => holders.get(...key)) },
    };
    await reconcileRun({ ...w.deps, store }, id, undefined, {
      known: { run, project, holder: { record: undefined } },
    });
    expect(reads).toEqual([]);
    expect(await current()).toMatchObject({ state: 'provisioning', held: { stackName: 'test-1' } });
  });

  it('is read again if it was canceled in the meantime, and returns its stack', async () => {
    const { run } = await startRun(w.deps, {
      ...{ project, id, spec: specOf(wants('run1')), trigger: { kind: 'api' } },
    });
    await cancelRun(w.deps, { id, reason: 'It is not needed.' });
    await reconcileRun(w.deps, id, undefined, { known: { run, project, holder: { record: undefined } } });
    expect(await current()).toMatchObject({ state: 'cancelled', settledAt: expect.any(Date) });
    expect(w.tasks.launched).toEqual([]);
    expect(await w.deps.store.stacks.get(project.id, 1)).not.toHaveProperty('hold');
  });

  it('acquires no stack for a holder that was closed in the meantime', async () => {
    const { run } = await startRun(w.deps, {
      ...{ project, id, spec: specOf(wants('run1')), trigger: { kind: 'api' } },
    });
    await closeHolder(w.deps.store.holders, project.id, holder.run(id), w.clock.now());
    await reconcileRun(w.deps, id, undefined, { known: { run, project, holder: { record: undefined } } });
    expect(await current()).toMatchObject({ state: 'cancelled' });
  });
});

describe('a run without a stack', () => {
  it('is launched immediately, with its job in the object store', async () => {
    const run = await started();
    expect(run.state).toBe('provisioning');
    expect(w.tasks.launched).toHaveLength(1);
    expect(w.tasks.launched[0]).toMatchObject({
      jobUrl: 'memory:GET:runs/run1/job.json',
      env: { RUN_ID: 'run1' },
    });
    expect(jobOf(w, id)).toMatchObject({ runId: 'run1', command: 'npm test' });
  });

  it('tells the executor whether an earlier call may have launched it', async () => {
    const { executor } = w.deps;
    const calls: unknown[] = [];
    const launch: typeof executor.launch = async (request) => {
      calls.push(request.isFirstCall);
      if (calls.length === 1) throw new Error('killed');
      return executor.launch(request);
    };
    await startRun(w.deps, { project, id, spec: specOf(), trigger: { kind: 'api' } });
    const deps = { ...w.deps, executor: { ...executor, launch } };
    await reconcileRun(deps, id);
    w.clock.advance(60);
    await reconcileRun(deps, id);
    expect(calls).toEqual([true, undefined]);
    w.tasks.set(w.tasks.arnOf('run1'), { lastStatus: 'STOPPED', failure: { ...interrupted } });
    await reconcileRun(deps, id);
    expect(calls).toEqual([true, undefined, true]);
  });

  it('runs while its task does, and ends with its result', async () => {
    await started();
    w.tasks.set(w.tasks.arnOf('run1'), { lastStatus: 'RUNNING' });
    await pass(2);
    expect((await current()).state).toBe('running');
    writeResult(w, id, { tests: { total: 3, passed: 3, failed: 0, skipped: 0, durationSeconds: 1 } });
    w.tasks.set(w.tasks.arnOf('run1'), { lastStatus: 'STOPPED', exitCode: 0 });
    await pass(2);
    expect(await current()).toMatchObject({
      state: 'succeeded',
      outcome: { summary: '3 of 3 tests passed.', exitCode: 0 },
    });
  });

  it('leaves no work and no job document when it has ended', async () => {
    await started();
    writeResult(w, id);
    w.tasks.set(w.tasks.arnOf('run1'), { lastStatus: 'STOPPED', exitCode: 0 });
    await pass(2);
    const run = await current();
    expect(run.settledAt).toBeDefined();
    expect(run.dueAt).toBeUndefined();
    expect(w.objects.has('runs/run1/job.json')).toBe(false);
    expect(w.events.map((event) => event.type)).toEqual(['RunFinished']);
  });

  it('is created once, however often it is requested', async () => {
    const again = async () =>
      (await startRun(w.deps, { project, id, spec: specOf(), trigger: { kind: 'api' } })).created;
    expect([await again(), await again(), await again()]).toEqual([true, false, false]);
    await w.settle();
    expect(w.tasks.launched).toHaveLength(1);
  });

  it('whose tests fail is failed, with their number', async () => {
    await started();
    writeResult(w, id, {
      outcome: 'failed',
      exitCode: 1,
      tests: { total: 5_000, passed: 4_998, failed: 2, skipped: 0, durationSeconds: 1 },
    });
    w.tasks.set(w.tasks.arnOf('run1'), { lastStatus: 'STOPPED', exitCode: 1 });
    await pass(2);
    expect(await current()).toMatchObject({
      state: 'failed',
      outcome: { summary: '2 of 5,000 tests failed.' },
    });
  });

  it('whose task ends without a result is errored, with the exit code', async () => {
    await started();
    w.tasks.set(w.tasks.arnOf('run1'), { lastStatus: 'STOPPED', exitCode: 137 });
    await pass(2);
    expect(await current()).toMatchObject({
      state: 'errored',
      outcome: { errorCode: 'no_result', summary: expect.stringContaining('Killed by SIGKILL') },
    });
  });

  it('whose task disappears is errored after a grace period, never before', async () => {
    await started();
    w.tasks.lose(w.tasks.arnOf('run1'));
    await pass(2);
    expect((await current()).state).toBe('provisioning');
    await pass(10);
    expect(await current()).toMatchObject({ state: 'errored', outcome: { errorCode: 'task_lost' } });
  });

  it('whose task disappears after its result was written ends with that result', async () => {
    await started();
    writeResult(w, id);
    w.tasks.lose(w.tasks.arnOf('run1'));
    await pass(2);
    await pass(10);
    expect((await current()).state).toBe('succeeded');
  });

  it('is settled even if its task cannot be removed', async () => {
    await started();
    writeResult(w, id);
    w.tasks.set(w.tasks.arnOf('run1'), { lastStatus: 'STOPPED', exitCode: 0 });
    const executor = { ...w.deps.executor, remove: () => Promise.reject(new Error('EBUSY')) };
    await reconcileRun({ ...w.deps, executor }, id);
    expect((await current()).settledAt).toBeDefined();
  });

  it('ends soon after its task, even if the clock was set back by an hour', async () => {
    const sweepDue = createSweep(w.deps);
    await started();
    await sweepDue();
    w.clock.advance(-3600);
    writeResult(w, id);
    w.tasks.set(w.tasks.arnOf('run1'), { lastStatus: 'STOPPED', exitCode: 0 });
    await sweepDue();
    await w.settle();
    expect((await current()).state).toBe('succeeded');
  });

  it('that the infrastructure interrupts is launched again, up to a limit', async () => {
    await started();
    const failure = { code: 'interrupted' as const, message: 'Spot took the task away.', retryable: true };
    for (const launch of [1, 2]) {
      w.tasks.set(w.tasks.arnOf('run1', launch), { lastStatus: 'STOPPED', failure });
      await pass(2);
      expect(await current()).toMatchObject({ state: 'provisioning', launches: launch + 1 });
    }
    w.tasks.set(w.tasks.arnOf('run1', 3), { lastStatus: 'STOPPED', failure });
    await pass(2);
    expect(await current()).toMatchObject({ state: 'errored', outcome: { summary: failure.message } });
    expect(w.tasks.launched.map((request) => request.launch)).toEqual([1, 2, 3]);
  });

  it('that is launched again keeps its job until the new runner has read it', async () => {
    await started();
    const phases = [{ name: 'fetch', startedAt: '2026-01-01T00:00:01.000Z' }];
    w.objects.set('runs/run1/progress.json', JSON.stringify({ version: 1, runId: 'run1', phases }));
    const failure = { code: 'interrupted' as const, message: 'Spot took the task away.', retryable: true };
    w.tasks.set(w.tasks.arnOf('run1'), { lastStatus: 'STOPPED', failure });
    await pass(2);
    w.tasks.set(w.tasks.arnOf('run1', 2), { lastStatus: 'PENDING' });
    await pass(10);
    expect(w.objects.has('runs/run1/job.json')).toBe(true);
    expect(await current()).toMatchObject({ state: 'provisioning', launches: 2, phases: [] });
  });

  it('whose source or job was unreachable is launched again', async () => {
    await started();
    const error = {
      code: 'source_unreachable' as const,
      message: 'The host of the repository does not answer.',
    };
    writeResult(w, id, { outcome: 'errored', exitCode: null, error });
    w.tasks.set(w.tasks.arnOf('run1'), { lastStatus: 'STOPPED', exitCode: 70 });
    await pass(2);
    expect(await current()).toMatchObject({ state: 'provisioning', launches: 2 });
    w.objects.delete('runs/run1/result.json');
    w.tasks.set(w.tasks.arnOf('run1', 2), { lastStatus: 'STOPPED', exitCode: 70 });
    await pass(2);
    expect(await current()).toMatchObject({ state: 'provisioning', launches: 3 });
    writeResult(w, id, { outcome: 'errored', exitCode: null, error });
    w.tasks.set(w.tasks.arnOf('run1', 3), { lastStatus: 'STOPPED', exitCode: 70 });
    await pass(2);
    expect(await current()).toMatchObject({ state: 'errored', outcome: { summary: error.message } });
  });

  it('that is launched again ignores what the runner of the earlier launch left', async () => {
    await started();
    const phases = [{ name: 'fetch', startedAt: '2026-11-27T10:00:00.000Z' }];
    w.objects.set(
      'runs/run1/progress.json',
      JSON.stringify({ version: 1, runId: 'run1', launch: 1, phases }),
    );
    const error = { code: 'source_unreachable' as const, message: 'The host does not answer.' };
    writeResult(w, id, { launch: 1, outcome: 'errored', exitCode: null, error });
    w.tasks.set(w.tasks.arnOf('run1'), { lastStatus: 'STOPPED', exitCode: 70 });
    await pass(2);
    expect(jobOf(w, id).launch).toBe(2);
    w.tasks.set(w.tasks.arnOf('run1', 2), { lastStatus: 'RUNNING' });
    await pass(2);
    await pass(2);
    expect(await current()).toMatchObject({ state: 'running', phases: [] });
    expect(w.objects.has('runs/run1/job.json')).toBe(true);
    w.tasks.set(w.tasks.arnOf('run1', 2), { lastStatus: 'STOPPED', exitCode: 1 });
    await pass(2);
    expect(await current()).toMatchObject({ state: 'errored', outcome: { errorCode: 'no_result' } });
  });

  it.each([
    ['GitHub is launched again once, since the token of the App may have been revoked', 2],
    ['another server is not launched again', 1],
  ])('that may not read its repository of %s', async (_, launches) => {
    const github = { repositoryId: 1, installationId: 77, owner: 'octo-org', repo: 'shop', headSha: 'abc' };
    await started('run1', {}, launches > 1 ? { github } : {});
    const error = { code: 'authentication_refused' as const, message: 'The server denied access.' };
    for (let launch = 1; launch <= launches; launch += 1) {
      writeResult(w, id, { launch, outcome: 'errored', exitCode: null, error });
      w.tasks.set(w.tasks.arnOf('run1', launch), { lastStatus: 'STOPPED', exitCode: 70 });
      await pass(2);
    }
    expect(await current()).toMatchObject({
      state: 'errored',
      launches,
      outcome: { summary: error.message },
    });
  });

  it('whose tests had started is not launched again, whatever the runner reports', async () => {
    await started();
    writeResult(w, id, { outcome: 'failed', exitCode: 70 });
    w.tasks.set(w.tasks.arnOf('run1'), { lastStatus: 'STOPPED', exitCode: 70 });
    await pass(2);
    expect(await current()).toMatchObject({ state: 'failed', launches: 1 });
  });

  it('that far exceeds its time limit is stopped and timed out', async () => {
    await started();
    w.tasks.set(w.tasks.arnOf('run1'), { lastStatus: 'RUNNING' });
    await pass(2);
    await pass(300 + 600 + 1);
    expect(w.tasks.stopped).toEqual([{ arn: w.tasks.arnOf('run1'), reason: 'Time limit exceeded.' }]);
    w.tasks.set(w.tasks.arnOf('run1'), { lastStatus: 'STOPPED', exitCode: 143 });
    await pass(2);
    expect((await current()).state).toBe('timed_out');
  });

  it('whose task does not start in time is launched again, and errs when that does not help', async () => {
    await started();
    // Long before the URL of its job ends.
    expect(w.deps.policy.startLimitSeconds).toBeLessThan(w.deps.policy.grantSeconds);
    for (const launch of [1, 2, 3]) {
      expect(await current()).toMatchObject({ state: 'provisioning', launches: launch });
      await pass(301);
      const stoppedReason = w.tasks.stopped.at(-1)?.reason ?? 'not stopped';
      w.tasks.set(w.tasks.arnOf('run1', launch), { lastStatus: 'STOPPED', stoppedReason });
      await pass(80);
    }
    const summary = expect.stringMatching(
      /^The task did not start within 5m 1s and was stopped: there was no capacity/,
    );
    expect(await current()).toMatchObject({
      state: 'errored',
      outcome: { errorCode: 'task_not_started', summary },
    });
  });

  it('ignores a result that is not its own', async () => {
    await started();
    writeResult(w, id, { runId: 'another' });
    w.tasks.set(w.tasks.arnOf('run1'), { lastStatus: 'STOPPED', exitCode: 0 });
    await pass(2);
    expect(await current()).toMatchObject({ state: 'errored', outcome: { errorCode: 'no_result' } });
  });

  it('does not read a result that is larger than the runner may write', async () => {
    await started();
    writeResult(w, id, { logTail: ['x'.repeat(9 * 1024 * 1024)] });
    w.tasks.set(w.tasks.arnOf('run1'), { lastStatus: 'STOPPED', exitCode: 0 });
    await pass(2);
    expect(await current()).toMatchObject({ state: 'errored', outcome: { errorCode: 'no_result' } });
  });

  it('takes phases from the progress that the runner writes', async () => {
    await started();
    const phases = [{ name: 'fetch', startedAt: '2026-01-01T00:00:01.000Z' }];
    w.objects.set('runs/run1/progress.json', JSON.stringify({ version: 1, runId: 'run1', phases }));
    w.tasks.set(w.tasks.arnOf('run1'), { lastStatus: 'RUNNING' });
    await pass(2);
    expect((await current()).phases).toEqual(phases);
  });

  it('deletes its job document, with the token, as soon as the runner has read it', async () => {
    await started();
    const phases = [{ name: 'fetch', startedAt: '2026-01-01T00:00:01.000Z' }];
    w.objects.set('runs/run1/progress.json', JSON.stringify({ version: 1, runId: 'run1', phases }));
    w.tasks.set(w.tasks.arnOf('run1'), { lastStatus: 'RUNNING' });
    await pass(2);
    expect(w.objects.has('runs/run1/job.json')).toBe(false);
  });
});

describe('a run whose pull request keeps the stack', () => {
  const owner = holder.branch('topic');
  const keeps = (shares: boolean) => ({ stack: { holder: owner, hold: 'pull_request' as const, shares } });
  const finished = async (name: string) => {
    writeResult(w, runId(name));
    w.tasks.set(w.tasks.arnOf(name), { lastStatus: 'STOPPED', exitCode: 0 });
    await reconcileRun(w.deps, runId(name));
  };
  const isHeld = async () => (await w.deps.store.stacks.get(project.id, 1))?.hold !== undefined;

  it('ends its turn without a search for others if none waits', async () => {
    await started('run1', keeps(true));
    await started('run2', keeps(true));
    const listActive = jest.spyOn(w.deps.store.runs, 'listActive');
    await finished('run1');
    await finished('run2');
    expect(listActive).not.toHaveBeenCalled();
    expect(await isHeld()).toBe(true);
  });

  it('wakes the one that waits for its turn', async () => {
    await started('run1', keeps(false));
    expect(await started('run2', keeps(false))).toMatchObject({ waiting: { reason: 'turn' } });
    await finished('run1');
    await w.settle();
    expect(await current('run2')).toMatchObject({ state: 'provisioning' });
  });

  it('keeps the stack if a person could not release it in the meantime', async () => {
    await started('run1', keeps(true));
    expect(await releaseHolder(w.deps, project, owner)).toBeUndefined();
    await finished('run1');
    expect(await isHeld()).toBe(true);
  });

  it('releases the stack if its branch closes between the read and the end of its turn', async () => {
    await started('run1', keeps(true));
    const { stacks, holders } = w.deps.store;
    let reads = 0;
    const get: typeof stacks.get = async (...key) => {
      const stack = await stacks.get(...key);
      reads += 1;
      if (reads === 1) {
        await closeHolder(holders, project.id, owner, w.clock.now());
        await releaseHolder(w.deps, project, owner, { whenIdle: true });
      }
      return stack;
    };
    writeResult(w, id);
    w.tasks.set(w.tasks.arnOf('run1'), { lastStatus: 'STOPPED', exitCode: 0 });
    await reconcileRun({ ...w.deps, store: { ...w.deps.store, stacks: { ...stacks, get } } }, id);
    expect(await isHeld()).toBe(false);
  });
});

describe('cancelling', () => {
  it('ends a waiting run immediately, and gives up its place', async () => {
    await started('first', wants('first'));
    await started('run1', wants('run1'));
    await cancelRun(w.deps, { id, reason: 'Not needed.' });
    await w.settle();
    expect(await current()).toMatchObject({ state: 'cancelled', outcome: { summary: 'Not needed.' } });
    expect(await w.deps.store.queue.count(project.id)).toBe(0);
  });

  it('stops the task with the documented reason, and ends the run when the task has stopped', async () => {
    await started();
    await cancelRun(w.deps, { id, reason: 'Not needed.' });
    await w.settle();
    expect(w.tasks.stopped[0]?.reason).toBe('Workflow cancelled by API request.');
    expect((await current()).state).toBe('provisioning');
    w.tasks.set(w.tasks.arnOf('run1'), { lastStatus: 'STOPPED', exitCode: 143 });
    await pass(2);
    expect((await current()).state).toBe('cancelled');
  });

  it('keeps the run and its stack for as long as its task does not stop', async () => {
    await started('run1', wants('run1'));
    await cancelRun(w.deps, { id, reason: 'Not needed.' });
    await w.settle();
    await pass(3600);
    expect((await current()).state).toBe('provisioning');
    expect((await w.deps.store.stacks.list(project.id))[0]?.activeRuns).toEqual(['run1']);
    w.tasks.set(w.tasks.arnOf('run1'), { lastStatus: 'STOPPED', exitCode: 137 });
    await pass(301);
    expect((await current()).state).toBe('cancelled');
    expect((await w.deps.store.stacks.list(project.id))[0]?.hold).toBeUndefined();
  });

  it('in the launch window stops the task that a crash left unsaved before the run ends', async () => {
    const lost = { ...w.deps.store.runs, save: w.deps.store.runs.save };
    const dying: Partial<typeof w.deps> = {
      store: {
        ...w.deps.store,
        runs: {
          ...lost,
          save: async (run, now) => {
            if (run.task !== undefined) throw new Error('killed between launch and save');
            return lost.save(run, now);
          },
        },
      },
    };
    await startRun(w.deps, { project, id, spec: specOf(wants('run1')), trigger: { kind: 'api' } });
    await reconcileRun({ ...w.deps, ...dying }, id).catch(() => undefined);
    expect(w.tasks.launched).toHaveLength(1);
    await cancelRun(w.deps, { id, reason: 'Not needed.' });
    await w.settle();
    expect((await current()).state).toBe('provisioning');
    expect(w.tasks.stopped).toHaveLength(1);
    w.tasks.set(w.tasks.arnOf('run1'), { lastStatus: 'STOPPED', exitCode: 143 });
    await pass(2);
    expect((await current()).state).toBe('cancelled');
  });

  it('changes nothing for a run that has ended', async () => {
    await started();
    writeResult(w, id);
    w.tasks.set(w.tasks.arnOf('run1'), { lastStatus: 'STOPPED', exitCode: 0 });
    await pass(2);
    const before = await current();
    expect(await cancelRun(w.deps, { id, reason: 'Too late.' })).toEqual(before);
  });
});

describe('a run with a stack', () => {
  it('holds it while it runs, knows its name, and releases it', async () => {
    const run = await started('run1', wants('run1'));
    expect(run.held).toMatchObject({ stackName: 'test-1', isNew: true });
    expect(jobOf(w, id).stack).toMatchObject({ name: 'test-1', isNew: true });
    writeResult(w, id);
    w.tasks.set(w.tasks.arnOf('run1'), { lastStatus: 'STOPPED', exitCode: 0 });
    await pass(2);
    const [stack] = await w.deps.store.stacks.list(project.id);
    expect(stack).toMatchObject({ stackName: 'test-1', activeRuns: [] });
    expect(stack?.hold).toBeUndefined();
  });

  it('waits in the queue with a position if none is available, and starts as soon as one is', async () => {
    await started('first', wants('first'));
    await started('second', wants('second'));
    const third = await started('third', wants('third'));
    expect(third).toMatchObject({ state: 'waiting', waiting: { reason: 'line', position: 2 } });
    writeResult(w, runId('first'));
    w.tasks.set(w.tasks.arnOf('first'), { lastStatus: 'STOPPED', exitCode: 0 });
    await pass(2);
    expect((await current('second')).state).toBe('provisioning');
    await pass(11);
    expect(await current('third')).toMatchObject({ state: 'waiting', waiting: { position: 1 } });
  });

  it('takes turns with other runs of its holder', async () => {
    const owner = holder.pullRequest(7);
    const requirement = { stack: { holder: owner, hold: 'pull_request' as const, shares: false } };
    await started('one', requirement);
    expect(await started('two', requirement)).toMatchObject({
      state: 'waiting',
      waiting: { reason: 'turn' },
    });
    writeResult(w, runId('one'));
    w.tasks.set(w.tasks.arnOf('one'), { lastStatus: 'STOPPED', exitCode: 0 });
    await pass(2);
    expect(await current('two')).toMatchObject({ state: 'provisioning', held: { stackName: 'test-1' } });
  });

  it('runs in parallel with others of its holder if both share', async () => {
    const owner = holder.pullRequest(7);
    const requirement = { stack: { holder: owner, hold: 'pull_request' as const, shares: true } };
    await started('one', requirement);
    expect((await started('two', requirement)).state).toBe('provisioning');
    const [stack] = await w.deps.store.stacks.list(project.id);
    expect(stack?.activeRuns).toEqual(['one', 'two']);
  });

  it('keeps the stack of a pull request when it ends', async () => {
    await started('one', { stack: { holder: holder.pullRequest(7), hold: 'pull_request', shares: false } });
    writeResult(w, runId('one'));
    w.tasks.set(w.tasks.arnOf('one'), { lastStatus: 'STOPPED', exitCode: 0 });
    await pass(2);
    const [stack] = await w.deps.store.stacks.list(project.id);
    expect(stack?.hold?.holder).toBe('pr:7');
  });

  it('is canceled if its pull request was closed before it started', async () => {
    await closeHolder(w.deps.store.holders, project.id, holder.pullRequest(7), w.clock.now());
    const run = await started('one', {
      stack: { holder: holder.pullRequest(7), hold: 'pull_request', shares: false },
    });
    expect(run.state).toBe('cancelled');
    expect(w.tasks.launched).toEqual([]);
  });

  it('is errored if its stack does not exist', async () => {
    const run = await started('one', {
      stack: { holder: holder.run(runId('one')), hold: 'run', shares: false, name: 'test-9' },
    });
    expect(run).toMatchObject({ state: 'errored', outcome: { errorCode: 'stack_not_found' } });
  });

  it('is errored if the stack that it names was deleted, and one with its number has another name', async () => {
    await started('zero', wants('zero'));
    const name = 'qa-1';
    const run = await started('one', {
      stack: { holder: holder.run(runId('one')), hold: 'run', shares: false, name },
    });
    expect(run).toMatchObject({ state: 'errored', outcome: { errorCode: 'stack_not_found' } });
  });
});

describe('a run that needs one which was never recorded, or was deleted', () => {
  const missing = [{ suite: 'build', runId: runId('missing') }];
  it.each([
    ['a suite', { needs: missing }, 'needed_suite_failed'],
    ['a deployment', { deploys: missing, ...wants('run1') }, 'deploy_failed'],
  ])('waits for %s for an hour, then ends', async (_, spec, errorCode) => {
    expect(await started('run1', spec)).toMatchObject({ state: 'waiting' });
    for (let minutes = 0; minutes < 55; minutes += 5) await pass(300);
    expect(await current()).toMatchObject({ state: 'waiting' });
    await pass(600);
    expect(await current()).toMatchObject({
      ...{ state: 'errored', settledAt: w.clock.now() },
      outcome: { errorCode, summary: expect.stringContaining('berth/build') },
    });
  });
});

describe('retries', () => {
  async function fail(name: string): Promise<void> {
    writeResult(w, runId(name), { outcome: 'failed', exitCode: 1 });
    w.tasks.set(w.tasks.arnOf(name), { lastStatus: 'STOPPED', exitCode: 1 });
    await pass(2);
  }

  it('never happen for a failed test unless the suite enables them', async () => {
    await started('plain');
    await fail('plain');
    expect((await current('plain')).retriedBy).toBeUndefined();
  });

  it('create a new run that names the old one, as often as the suite allows', async () => {
    await started('one', { retries: 1 });
    await fail('one');
    const second = (await current('one')).retriedBy ?? '';
    expect(await current(second)).toMatchObject({ retryOf: 'one', attempt: 2, state: 'provisioning' });
    await fail(second);
    expect((await current(second)).retriedBy).toBeUndefined();
  });

  it('do not happen for a run that was canceled, even if its tests failed first', async () => {
    await started('one', { retries: 1 });
    await cancelRun(w.deps, { id: runId('one'), reason: 'not wanted' });
    await fail('one');
    const run = await current('one');
    expect(run).toMatchObject({ state: 'failed', settledAt: w.clock.now() });
    expect(run.retriedBy).toBeUndefined();
  });

  it('are skipped for a run of a suspended project', async () => {
    await started('one', { retries: 1 });
    await w.deps.store.projects.replace(project, { ...project, suspendedAt: w.clock.now() });
    await fail('one');
    const run = await current('one');
    expect(run).toMatchObject({ state: 'failed', settledAt: w.clock.now() });
    expect(run.retriedBy).toBeUndefined();
  });

  it('are skipped where the server can no longer run the services of the suite', async () => {
    const small = { cpuUnits: 512, memoryMib: 512, timeoutSeconds: 60 };
    const services = [{ name: 'db', image: 'postgres', env: {}, ports: [], ...small }];
    await started('one', { retries: 1, services });
    Object.assign(w.deps, { policy: { ...w.deps.policy, withoutServices: 'process' } });
    await fail('one');
    expect(await current('one')).toMatchObject({ state: 'failed', settledAt: w.clock.now() });
  });

  it('create one run for one request, with its own stack', async () => {
    const run = await started('one', wants('one'));
    const ask = () => retestRun(w.deps, { project, run, trigger: { kind: 'api' }, key: 'request 1' });
    const [first, second] = [await ask(), await ask()];
    expect(second.run.id).toBe(first.run.id);
    expect(first.run.spec.stack?.holder).toBe(`run:${first.run.id}`);
  });
});

describe('a project', () => {
  it('at its limit of active runs rejects another', async () => {
    project = await w.project({ maxActiveRuns: 1 }, 'small');
    await started('one');
    await expect(started('two')).rejects.toMatchObject({ code: 'too_many_runs' });
  });

  it('that is suspended rejects new runs', async () => {
    project = { ...project, suspendedAt: w.clock.now() };
    await expect(started('one')).rejects.toMatchObject({ code: 'project_suspended' });
  });

  it('does not share run IDs with another', async () => {
    await started('one');
    project = await w.project({}, 'other');
    await expect(started('one')).rejects.toMatchObject({ code: 'conflict' });
  });
});

describe('events of a task', () => {
  const arn = () => w.tasks.arnOf('run1');
  const told = (lastStatus: TaskStatus['lastStatus']) =>
    reconcileRun(
      w.deps,
      id,
      new Map<string, TaskStatus>([[arn(), { arn: arn(), lastStatus, desiredStatus: 'RUNNING' }]]),
    );

  it('advance the run without a request to the executor or for its progress', async () => {
    await started();
    const ask = async (): Promise<never> => {
      throw new Error('asked');
    };
    Object.assign(w.deps.executor, { describe: ask });
    Object.assign(w.deps.objects, { get: ask });
    await told('RUNNING');
    expect(await current()).toMatchObject({ state: 'running', taskStatus: { lastStatus: 'RUNNING' } });
    await told('DEPROVISIONING');
    expect((await current()).taskStatus?.lastStatus).toBe('DEPROVISIONING');
  });

  it('that arrive late or twice change nothing', async () => {
    await started();
    await told('RUNNING');
    const { revision } = await current();
    await told('PENDING');
    await told('RUNNING');
    expect(await current()).toMatchObject({ revision, taskStatus: { lastStatus: 'RUNNING' } });
  });

  it('do not keep progress from being read when the run is due', async () => {
    await started();
    await told('RUNNING');
    const phases = [{ name: 'fetch', startedAt: '2026-01-01T00:00:01.000Z' }];
    w.objects.set('runs/run1/progress.json', JSON.stringify({ version: 1, runId: 'run1', phases }));
    w.clock.advance(2);
    await told('RUNNING');
    expect((await current()).phases).toEqual(phases);
  });
});
