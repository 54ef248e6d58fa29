import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { projectId, type RunId, runId } from '../../app/core/model/ids.ts';
import type { TaskRef, TaskStatus } from '../../app/core/model/task.ts';
import type { Executor, LaunchRequest } from '../../app/ports/executor.ts';
import { eventually } from '../helpers/eventually.ts';
import { uniqueSleep } from '../helpers/unique-sleep.ts';
import { orphansContract } from './orphans.ts';

export interface ExecutorUnderTest {
  readonly executor: Executor;
  /** The executor of a restarted server, over the same tasks. */
  restarted(): Promise<Executor>;
  /** The URL of a job that runs a command; any URL will do where tasks only seem to run. */
  jobUrl(id: RunId, command: string): Promise<string>;
  /** The repository of those jobs, where it is one of this machine. */
  readonly localRepository?: string;
  /** Says of a task that it is to be kept, as a person would. */
  keep(task: TaskRef): Promise<void>;
  /** A task of this executor's that there never was. */
  readonly unknownTask: TaskRef;
  close(): Promise<void>;
}

/** An executor whose tasks really run, on this machine. */
export interface RealExecutorUnderTest extends ExecutorUnderTest {
  /** The complete output of an ended run. */
  log(id: RunId): Promise<string>;
  /** How many processes of the machine have exactly this command line. */
  countProcesses(commandLine: string): Promise<number>;
}

const forLong = 'sleep 600';

/** The contract of every executor, even on a simulator. */
export function describeExecutor(
  name: string,
  setup: () => Promise<ExecutorUnderTest>,
  traits: {
    /** Whether a launch that races with itself makes one task. AWS's does, by the client token; moto's does not. */
    readonly launchesOnceInRace: boolean;
  },
): void {
  describe(`the ${name} executor`, () => {
    let subject: ExecutorUnderTest;
    let executor: Executor;
    beforeAll(async () => {
      subject = await setup();
      executor = subject.executor;
    });
    afterAll(() => subject.close());

    it('launches a task that reaches RUNNING', async () => {
      const task = await launched(subject);
      const status = await reached(executor, task, 'RUNNING');
      expect(status).toMatchObject({ arn: task.arn, desiredStatus: 'RUNNING' });
      expect(status.createdAt).toBeInstanceOf(Date);
      expect(status.failure).toBeUndefined();
    });

    it('returns the same task for a repeated launch', async () => {
      const request = await requestOf(subject);
      const first = await executor.launch(request);
      const second = await executor.launch(request);
      expect(second.arn).toBe(first.arn);
      expect(await tasksOf(executor, request.runId)).toEqual([first.arn]);
    });

    it('returns the same task after a server restart', async () => {
      const request = await requestOf(subject);
      const first = await executor.launch(request);
      const anew = await subject.restarted();
      expect((await anew.launch(request)).arn).toBe(first.arn);
      expect(await tasksOf(anew, request.runId)).toEqual([first.arn]);
    });

    if (traits.launchesOnceInRace) {
      it('launches one task for parallel launches', async () => {
        const request = await requestOf(subject);
        const executors = [executor, executor, await subject.restarted(), await subject.restarted()];
        const statuses = await Promise.all(executors.map((each) => each.launch(request)));
        expect(new Set(statuses.map(({ arn }) => arn)).size).toBe(1);
        expect(await tasksOf(executor, request.runId)).toHaveLength(1);
      });
    }

    it('finds a task that was launched when its launch is withdrawn', async () => {
      const request = await requestOf(subject);
      const { arn } = await executor.launch(request);
      expect((await (await subject.restarted()).withdraw(request))?.arn).toBe(arn);
    });

    it('creates another task for the next launch of the same run', async () => {
      const request = await requestOf(subject);
      const first = await executor.launch(request);
      const second = await executor.launch({ ...request, launch: 2 });
      expect(second.arn).not.toBe(first.arn);
      expect((await tasksOf(executor, request.runId)).toSorted()).toEqual([first.arn, second.arn].toSorted());
    });

    it('returns nothing for an unknown task', async () => {
      const known = await launched(subject);
      const found = await executor.describe([known, subject.unknownTask]);
      expect([...found.keys()]).toEqual([known.arn]);
    });

    it('returns an empty response for no tasks', async () => {
      expect((await executor.describe([])).size).toBe(0);
    });

    it('stops a task, and no longer lists it as running', async () => {
      const task = await launched(subject);
      await reached(executor, task, 'RUNNING');
      await executor.stop(task, 'Workflow cancelled by API request.');
      const status = await reached(executor, task, 'STOPPED');
      expect(status.desiredStatus).toBe('STOPPED');
      const listed = await executor.listTasks();
      expect(listed.filter((each) => !each.isStopped).map((each) => each.task.arn)).not.toContain(task.arn);
    });

    it('stops a task that has ended or never existed without an error', async () => {
      const task = await launched(subject);
      await executor.stop(task, 'enough');
      await reached(executor, task, 'STOPPED');
      await executor.stop(task, 'enough, again');
      await executor.stop(subject.unknownTask, 'never there');
    });

    it('removes a task twice, or an unknown one, without an error', async () => {
      const task = await launched(subject);
      await executor.stop(task, 'enough');
      await reached(executor, task, 'STOPPED');
      await executor.remove(task);
      await executor.remove(task);
      await executor.remove(subject.unknownTask);
      const listed = await executor.listTasks();
      expect(listed.map((each) => each.task.arn)).not.toContain(task.arn);
    });

    orphansContract(
      () => subject,
      async () => {
        const request = await requestOf(subject);
        const { arn } = await executor.launch(request);
        const task = { executor: executor.name, arn };
        await reached(executor, task, 'RUNNING');
        return { task, request };
      },
    );
  });
}

/** The contract of every executor that runs real programs. */
export function describeRealExecutor(name: string, setup: () => Promise<RealExecutorUnderTest>): void {
  describe(`tasks of the ${name} executor`, () => {
    let subject: RealExecutorUnderTest;
    let executor: Executor;
    beforeAll(async () => {
      subject = await setup();
      executor = subject.executor;
    });
    afterAll(() => subject.close());

    it.each([0, 1, 42])('end with exit code %i of their command', async (code) => {
      const task = await launched(subject, `exit ${code}`);
      const status = await reached(executor, task, 'STOPPED');
      expect(status.exitCode).toBe(code);
      expect(status.failure).toBeUndefined();
      expect(status.stoppedAt?.getTime()).toBeGreaterThanOrEqual(status.startedAt?.getTime() ?? Infinity);
    });

    it('never start after their launch is withdrawn', async () => {
      const request = await requestOf(subject, 'echo "it ran"');
      expect(await executor.withdraw(request)).toBeUndefined();
      for (const each of [executor, await subject.restarted()])
        await each.launch(request).catch(() => undefined);
      expect(await tasksOf(executor, request.runId)).toEqual([]);
      expect(await subject.log(request.runId).catch(() => '')).not.toContain('it ran');
    });

    it('have their complete output in the log when they are STOPPED', async () => {
      const request = await requestOf(subject, 'echo begin; seq 1 20000; echo "Grüße, 世界" >&2; echo end');
      const { arn } = await executor.launch(request);
      await reached(executor, { executor: executor.name, arn }, 'STOPPED');
      const lines = (await subject.log(request.runId)).split('\n');
      expect(lines.filter((line) => /^\d+$/.test(line)).map(Number)).toEqual(
        Array.from({ length: 20_000 }, (_, index) => index + 1),
      );
      for (const line of ['begin', 'Grüße, 世界', 'end']) expect(lines).toContain(line);
    });

    it('keep every line of a second launch', async () => {
      const request = await requestOf(subject, 'echo "this is one launch"');
      for (const launch of [1, 2]) {
        const { arn } = await executor.launch({ ...request, launch });
        await reached(executor, { executor: executor.name, arn }, 'STOPPED');
      }
      const lines = (await subject.log(request.runId)).split('\n');
      expect(lines.filter((line) => line === 'this is one launch')).toHaveLength(2);
    });

    it("cannot see the server's environment", async () => {
      const secret = randomBytes(16).toString('hex');
      process.env.BERTH_TEST_SERVER_SECRET = secret;
      try {
        const request = await requestOf(subject, 'env; tr "\\0" "\\n" </proc/$PPID/environ || true');
        const { arn } = await executor.launch(request);
        await reached(executor, { executor: executor.name, arn }, 'STOPPED');
        const log = await subject.log(request.runId);
        expect(log).toContain(`BERTH_RUN_ID=${request.runId}`);
        expect(log).not.toContain(secret);
      } finally {
        delete process.env.BERTH_TEST_SERVER_SECRET;
      }
    });

    it('are gone within 10 seconds of a stop, with grandchildren that ignore TERM or left their session', async () => {
      const sleep = uniqueSleep();
      const stubborn = `(trap "" TERM; ${sleep}; ${sleep}) & setsid sh -c 'trap "" TERM; ${sleep}; :' & `;
      const task = await launched(subject, `${stubborn} trap "" TERM; ${sleep}; ${sleep}`);
      await eventually('the grandchildren', async () => (await subject.countProcesses(sleep)) >= 3);
      const asked = Date.now();
      await executor.stop(task, 'enough');
      const status = await reached(executor, task, 'STOPPED');
      // The processes wait for years. How many seconds it is hangs on the machine, and ten are not asked of a busy one.
      const seconds = (Date.now() - asked) / 1000;
      process.stdout.write(`${name}: gone ${seconds.toFixed(1)} s after the stop\n`);
      expect(seconds).toBeLessThan(60);
      expect(status.stoppedReason).toBe('enough');
      expect(await subject.countProcesses(sleep)).toBe(0);
    });

    it('leave nothing running when they end', async () => {
      const sleep = uniqueSleep();
      const task = await launched(subject, `setsid ${sleep} & setsid env -i ${sleep} & sleep 0.2`);
      await reached(executor, task, 'STOPPED');
      expect(await subject.countProcesses(sleep)).toBe(0);
    });

    it('are ended when they are removed while they run', async () => {
      const sleep = uniqueSleep();
      const task = await launched(subject, sleep);
      await eventually('the command', async () => (await subject.countProcesses(sleep)) > 0);
      await executor.remove(task);
      expect(await subject.countProcesses(sleep)).toBe(0);
      expect((await executor.describe([task])).size).toBe(0);
    });

    it('are unknown after their removal, but their log stays', async () => {
      const request = await requestOf(subject, 'echo "kept forever"');
      const task = { executor: executor.name, arn: (await executor.launch(request)).arn };
      await reached(executor, task, 'STOPPED');
      await executor.remove(task);
      expect((await executor.describe([task])).size).toBe(0);
      expect(await subject.log(request.runId)).toContain('kept forever');
    });

    it('are found again, running or ended, after a server restart', async () => {
      const running = await launched(subject);
      const ended = await launched(subject, 'exit 3');
      await reached(executor, ended, 'STOPPED');
      await reached(executor, running, 'RUNNING');
      const found = await (await subject.restarted()).describe([running, ended]);
      expect(found.get(running.arn)).toMatchObject({ lastStatus: 'RUNNING' });
      expect(found.get(ended.arn)).toMatchObject({ lastStatus: 'STOPPED', exitCode: 3 });
    });
  });
}

async function requestOf(subject: ExecutorUnderTest, command = forLong): Promise<LaunchRequest> {
  const id = runId(`T${randomBytes(8).toString('hex')}`);
  return {
    runId: id,
    projectId: projectId('project'),
    launch: 1,
    jobUrl: await subject.jobUrl(id, command),
    cpuUnits: 512,
    memoryMib: 512,
    timeoutSeconds: 300,
    env: { RUN_ID: id },
    untrusted: false,
    ...(subject.localRepository === undefined ? {} : { localRepository: subject.localRepository }),
  };
}

async function launched(subject: ExecutorUnderTest, command?: string): Promise<TaskRef> {
  const { arn } = await subject.executor.launch(await requestOf(subject, command));
  return { executor: subject.executor.name, arn };
}

async function reached(
  executor: Executor,
  task: TaskRef,
  wanted: TaskStatus['lastStatus'],
): Promise<TaskStatus> {
  return eventually(`the task to be ${wanted}`, async () => {
    const status = (await executor.describe([task])).get(task.arn);
    return status?.lastStatus === wanted && status;
  });
}

async function tasksOf(executor: Executor, id: RunId): Promise<readonly string[]> {
  const listed = await executor.listTasks();
  return listed.filter((each) => each.runId === id && !each.isStopped).map((each) => each.task.arn);
}
