import { spawn } from 'node:child_process';
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { build } from 'esbuild';
import {
  type ProcessExecutorOptions,
  processExecutor,
} from '../../../../app/adapters/process/process-executor.ts';
import { systemClock } from '../../../../app/adapters/system/system-clock.ts';
import { projectId, runId } from '../../../../app/core/model/ids.ts';
import type { TaskRef, TaskStatus } from '../../../../app/core/model/task.ts';
import type { Executor, LaunchRequest } from '../../../../app/ports/executor.ts';
import { describeExecutor, describeRealExecutor } from '../../../contract/executor.ts';
import { countProcesses } from '../../../helpers/count-processes.ts';
import { eventually } from '../../../helpers/eventually.ts';
import { type LocalJobs, localJobs } from '../../../helpers/local-jobs.ts';
import { silentLogger } from '../../../helpers/silent-logger.ts';
import { uniqueSleep } from '../../../helpers/unique-sleep.ts';

const runnerPath = resolve('runner-image/dist/runner.js');

function optionsFor(jobs: LocalJobs): ProcessExecutorOptions {
  return {
    dataDir: jobs.dataDir,
    runnerPath,
    nodePath: process.execPath,
    taskEnv: { PATH: process.env.PATH ?? '' },
    objectsBaseUrl: `http://127.0.0.1:${jobs.port}`,
    clock: systemClock,
    logger: silentLogger,
    platform: process.platform,
  };
}

async function removeAll(executor: Executor, dataDir: string): Promise<void> {
  const names = await readdir(join(dataDir, 'tasks')).catch(() => []);
  for (const name of names) await executor.remove({ executor: 'process', arn: `process:${name}` });
}

async function setup() {
  const jobs = await localJobs();
  const executor = processExecutor(optionsFor(jobs));
  return {
    executor,
    restarted: async () => processExecutor(optionsFor(jobs)),
    jobUrl: jobs.jobUrl,
    keep: ({ arn }: TaskRef) =>
      writeFile(join(jobs.dataDir, 'tasks', arn.slice('process:'.length), 'keep'), ''),
    unknownTask: { executor: 'process', arn: 'process:never-1' },
    log: jobs.log,
    countProcesses,
    close: async () => {
      await removeAll(executor, jobs.dataDir);
      await jobs.close();
    },
  };
}

describeExecutor('process', setup, { launchesOnceInRace: true });
describeRealExecutor('process', setup);

describe('the process executor', () => {
  let jobs: LocalJobs;
  let executor: Executor;
  beforeEach(async () => {
    jobs = await localJobs();
    executor = processExecutor(optionsFor(jobs));
  });
  afterEach(async () => {
    await removeAll(executor, jobs.dataDir);
    await jobs.close();
  });

  const requestOf = async (id: string, command: string): Promise<LaunchRequest> => ({
    runId: runId(id),
    projectId: projectId('project'),
    launch: 1,
    jobUrl: await jobs.jobUrl(runId(id), command),
    cpuUnits: 512,
    memoryMib: 512,
    timeoutSeconds: 300,
    env: { RUN_ID: id, PATH: '/nowhere', HOME: '/nowhere' },
    untrusted: false,
  });
  const statusOf = async (by: Executor, arn: string) =>
    (await by.describe([{ executor: 'process', arn }])).get(arn);
  const reached = (by: Executor, arn: string, wanted: TaskStatus['lastStatus']) =>
    eventually(`the task to be ${wanted}`, async () => {
      const status = await statusOf(by, arn);
      return status?.lastStatus === wanted && status;
    });
  const taskPath = (name: string) => join(jobs.dataDir, 'tasks', name);
  const claimedPid = async (name: string) =>
    Number((await readFile(join(taskPath(name), 'claim'), 'utf8')).split('\n')[0]);

  const writeClaim = async (name: string, claim: { pid: number; birth: string; bootId: string }) => {
    await mkdir(taskPath(name), { recursive: true });
    await writeFile(join(taskPath(name), 'created'), '2030-01-01T00:00:00.000Z\n');
    await writeFile(join(taskPath(name), 'claim'), `${claim.pid}\n${claim.birth}\n${claim.bootId}\n`);
  };

  it('gives the runner only PATH, HOME, LANG, TMPDIR, its job, and the requested variables', async () => {
    const { arn } = await executor.launch(await requestOf('clean', 'sleep 600'));
    const pid = await claimedPid('clean-1');
    const environment = (await readFile(`/proc/${pid}/environ`, 'utf8')).split('\0').filter(Boolean);
    expect(environment.map((entry) => entry.split('=')[0]).toSorted()).toEqual([
      'BERTH_JOB_URL',
      'BERTH_LOG_TIMES',
      'BERTH_WORK_DIR',
      'HOME',
      'LANG',
      'PATH',
      'RUN_ID',
      'TMPDIR',
    ]);
    expect(environment).toContain(`HOME=${taskPath('clean-1')}/home`);
    expect(environment).toContain(`PATH=${process.env.PATH}`);
    expect(await statusOf(executor, arn)).toMatchObject({ lastStatus: 'RUNNING' });
  });

  it('keeps directories and logs from other users of the machine', async () => {
    const { arn } = await executor.launch(await requestOf('private', 'true'));
    await reached(executor, arn, 'STOPPED');
    expect((await stat(taskPath('private-1'))).mode & 0o777).toBe(0o700);
    expect((await stat(join(jobs.dataDir, 'logs/private.log'))).mode & 0o777).toBe(0o600);
  });

  it('keeps only the log of a removed task', async () => {
    const { arn } = await executor.launch(await requestOf('removed', 'mkdir -p deep/er && chmod 0500 deep'));
    await reached(executor, arn, 'STOPPED');
    await executor.remove({ executor: 'process', arn });
    expect(await readdir(join(jobs.dataDir, 'tasks'))).toEqual([]);
    expect(await readdir(join(jobs.dataDir, 'logs'))).toEqual(['removed.log']);
  });

  it('has the results of the run when its task has stopped', async () => {
    const { arn } = await executor.launch(await requestOf('results', 'exit 7'));
    await reached(executor, arn, 'STOPPED');
    expect(await jobs.result(runId('results'))).toMatchObject({ outcome: 'failed', exitCode: 7 });
  });

  describe('with a runner that ignores TERM', () => {
    let deaf: ProcessExecutorOptions;
    beforeEach(async () => {
      const runner = join(jobs.dataDir, 'deaf.js');
      await writeFile(
        runner,
        `process.on('SIGTERM', () => {}); setInterval(() => {}, 1000); console.log('deaf');`,
      );
      deaf = { ...optionsFor(jobs), runnerPath: runner };
    });

    async function launchedDeaf(by: Executor, id: string): Promise<TaskRef> {
      const { arn } = await by.launch(await requestOf(id, 'true'));
      await eventually('the runner to be deaf', async () => (await jobs.log(runId(id))) === 'deaf');
      return { executor: 'process', arn };
    }

    it('kills it after the grace period', async () => {
      const impatient = processExecutor({ ...deaf, stopGraceSeconds: 1 });
      const task = await launchedDeaf(impatient, 'deaf');
      await impatient.stop(task, 'enough');
      expect(await reached(impatient, task.arn, 'STOPPED')).toMatchObject({
        exitCode: 137,
        stoppedReason: 'enough',
      });
      expect(await countProcesses(`${process.execPath} ${deaf.runnerPath}`)).toBe(0);
    });

    it('continues a stop that the previous server started', async () => {
      const before = processExecutor({ ...deaf, stopGraceSeconds: 3600 });
      const task = await launchedDeaf(before, 'left');
      await before.stop(task, 'enough');
      expect(await statusOf(before, task.arn)).toMatchObject({
        lastStatus: 'STOPPING',
        desiredStatus: 'STOPPED',
      });
      const anHourLater = { now: () => new Date(Date.now() + 3_600_000) };
      const after = processExecutor({ ...deaf, clock: anHourLater, stopGraceSeconds: 3600 });
      expect(await reached(after, task.arn, 'STOPPED')).toMatchObject({
        exitCode: 137,
        stoppedReason: 'enough',
      });
    });

    it('waits no longer than the grace period after the clock was set back', async () => {
      const aDayAhead = { now: () => new Date(Date.now() + 86_400_000) };
      const before = processExecutor({ ...deaf, clock: aDayAhead, stopGraceSeconds: 3600 });
      const task = await launchedDeaf(before, 'ahead');
      await before.stop(task, 'enough');
      const after = processExecutor({ ...deaf, stopGraceSeconds: 1 });
      expect(await reached(after, task.arn, 'STOPPED')).toMatchObject({ exitCode: 137 });
    });
  });

  it('reports a task as lost if its processes were killed from outside, and ends the rest', async () => {
    const command = uniqueSleep();
    const { arn } = await executor.launch(await requestOf('lost', command));
    await eventually('the command', async () => (await countProcesses(command)) === 1);
    process.kill(await claimedPid('lost-1'), 'SIGKILL');
    expect(await reached(executor, arn, 'STOPPED')).toMatchObject({
      desiredStatus: 'STOPPED',
      failure: { code: 'task_lost', retryable: false },
    });
    expect(await countProcesses(command)).toBe(0);
  });

  it('reports a task as interrupted after a reboot', async () => {
    const name = 'restarted-1';
    const birth = (await readFile('/proc/self/stat', 'utf8')).trim();
    await writeClaim(name, { pid: process.pid, birth, bootId: '00000000-0000-0000-0000-000000000000' });
    expect(await statusOf(executor, `process:${name}`)).toMatchObject({
      lastStatus: 'STOPPED',
      failure: { code: 'interrupted', retryable: true },
    });
  });

  it('does not mistake a later process with the same PID for its own', async () => {
    const command = uniqueSleep();
    const bystander = spawn('sleep', command.split(' ').slice(1), { stdio: 'ignore' });
    const name = 'reused-1';
    const bootId = (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim();
    const birth = (await readFile('/proc/1/stat', 'utf8')).trim();
    await writeClaim(name, { pid: bystander.pid ?? 0, birth, bootId });
    await executor.stop({ executor: 'process', arn: `process:${name}` }, 'enough');
    expect(await statusOf(executor, `process:${name}`)).toMatchObject({ lastStatus: 'STOPPED' });
    expect(bystander.exitCode ?? bystander.signalCode).toBeNull();
    expect(await countProcesses(command)).toBe(1);
    bystander.kill();
  });

  it('starts no runner for a task that was stopped before it started', async () => {
    const request = await requestOf('early', 'touch "$HOME/ran"');
    await mkdir(taskPath('early-1'), { recursive: true });
    await executor.stop({ executor: 'process', arn: 'process:early-1' }, 'superseded');
    expect(await executor.launch(request)).toMatchObject({
      lastStatus: 'STOPPED',
      stoppedReason: 'superseded',
    });
    expect(await readdir(join(taskPath('early-1'), 'home'))).toEqual([]);
  });

  it('has a hint if the runner was not built', async () => {
    const unbuilt = processExecutor({ ...optionsFor(jobs), runnerPath: '/nowhere/runner.js' });
    await expect(unbuilt.launch(await requestOf('unbuilt', 'true'))).rejects.toMatchObject({
      code: 'launch_failed',
      hint: expect.stringContaining('npm run build'),
    });
  });

  it.each(['process:../../etc-1', 'process:a/b-1', 'docker:x-1', 'process:', 'process:no-number-x'])(
    'knows no task %s',
    async (arn) => {
      const task = { executor: 'process', arn };
      expect((await executor.describe([task])).size).toBe(0);
      await executor.stop(task, 'x');
      await executor.remove(task);
    },
  );

  describe('after a kill -9 of the server', () => {
    /** Builds a server that launches one task and is killed right then. */
    async function launchAndDie(request: LaunchRequest): Promise<void> {
      const bundle = join(jobs.dataDir, 'server.mjs');
      await build({
        entryPoints: [resolve('test/system/adapters/process/launch-and-die.ts')],
        outfile: bundle,
        bundle: true,
        platform: 'node',
        format: 'esm',
      });
      const { clock: _, logger: __, ...options } = optionsFor(jobs);
      const server = spawn(process.execPath, [bundle, JSON.stringify({ options, request })], {
        stdio: ['ignore', 'inherit', 'inherit'],
      });
      const signal = await new Promise((ended) => server.once('exit', (_code, by) => ended(by)));
      expect(signal).toBe('SIGKILL');
    }

    it('finds the running task, with all of its output and its exit code', async () => {
      const go = join(jobs.dataDir, 'go');
      const request = await requestOf(
        'survivor',
        `echo before; until [ -e ${go} ]; do sleep 0.05; done; echo after; exit 5`,
      );
      await launchAndDie(request);
      const [listed] = await executor.listTasks();
      expect(listed).toMatchObject({ runId: 'survivor', task: { executor: 'process' } });
      const arn = listed?.task.arn ?? '';
      expect(await statusOf(executor, arn)).toMatchObject({ lastStatus: 'RUNNING' });
      expect((await executor.launch(request)).arn).toBe(arn);
      await writeFile(go, '');
      expect(await reached(executor, arn, 'STOPPED')).toMatchObject({ exitCode: 5 });
      const log = await jobs.log(runId('survivor'));
      expect(log).toContain('before');
      expect(log).toContain('after');
    });

    it('finds the result of a task that has ended', async () => {
      await launchAndDie(await requestOf('meanwhile', 'exit 9'));
      await eventually('the exit record', async () =>
        stat(join(taskPath('meanwhile-1'), 'exit')).then(
          () => true,
          () => false,
        ),
      );
      expect(await statusOf(executor, 'process:meanwhile-1')).toMatchObject({
        lastStatus: 'STOPPED',
        exitCode: 9,
      });
    });
  });
});
