import { access, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { BerthError } from '../../core/model/errors.ts';
import type { TaskRef, TaskStatus } from '../../core/model/task.ts';
import { omitUndefined } from '../../lib/omit-undefined.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Executor, LaunchRequest, ListedTask } from '../../ports/executor.ts';
import type { Logger } from '../../ports/logger.ts';
import { logPath } from '../files/file-logs.ts';
import { absent } from '../files/read-if-exists.ts';
import { interruptionOf } from '../local/interruption.ts';
import { isKept } from '../local/keep-mark.ts';
import { launchError } from '../local/launch-error.ts';
import { readStop, recordStop, type StopRecord } from '../local/stop-record.ts';
import { parseTaskName, taskName } from '../local/task-name.ts';
import { processTable } from './process-table.ts';
import { startSupervisor } from './supervisor.ts';
import { type Claim, removeRemains, type TaskDirectory, taskDirectory } from './task-directory.ts';
import type { TaskIsolation } from './task-isolation.ts';
import { taskProcesses } from './task-processes.ts';

export interface ProcessExecutorOptions {
  readonly dataDir: string;
  /** The bundled runner, `runner-image/dist/runner.js`. */
  readonly runnerPath: string;
  /** The Node that runs it: `process.execPath`. */
  readonly nodePath: string;
  /** The part of the server's environment that tasks get: at least `PATH`, with git and the tools of the tests. */
  readonly taskEnv: Readonly<Record<string, string>>;
  readonly objectsBaseUrl: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly platform: NodeJS.Platform;
  /** If omitted, tasks see what the server's user sees. */
  readonly isolation?: TaskIsolation;
  /** Between TERM and KILL: longer than the runner's own grace, as it writes its results in that time. */
  readonly stopGraceSeconds?: number;
}

const arnPrefix = 'process:';

/**
 * Runs tasks as processes of this machine, where there is no Docker: each in its own session and directory, with
 * a clean environment, and isolated where {@link ProcessExecutorOptions.isolation} is given; no limits but the runner's
 * own time limit. Works on Linux and macOS. Refuses code that Berth does not trust.
 *
 * The state is read only from the task's directory and the process table, so a server that was killed and starts again
 * finds its tasks unchanged. Under systemd, `KillMode=process` keeps them alive in the meantime.
 */
export function processExecutor(options: ProcessExecutorOptions): Executor {
  const { clock, logger, stopGraceSeconds = 15 } = options;
  const tasksDir = join(options.dataDir, 'tasks');
  const processes = taskProcesses(processTable(options.platform));
  /** Tasks that were sent TERM by this server, with the timer of their KILL. */
  const stopping = new Map<string, NodeJS.Timeout>();
  /** Ended tasks without running processes. */
  const swept = new Set<string>();
  /** Removals in progress: a second caller waits for the same one. */
  const removals = new Map<string, Promise<void>>();

  function directoryOf(task: TaskRef): TaskDirectory | undefined {
    const name = task.arn.startsWith(arnPrefix) ? task.arn.slice(arnPrefix.length) : '';
    return parseTaskName(name) && taskDirectory(tasksDir, name);
  }

  /** @returns false if processes of the task are still running. */
  async function kill(directory: TaskDirectory, claim: Claim): Promise<boolean> {
    if (await processes.kill(directory, claim)) return true;
    logger.warn({ directory: directory.path }, 'a process of a task does not end; inspect it with ps');
    return false;
  }

  /** Continues a stop that this server or an earlier one requested. */
  async function enforceStop(directory: TaskDirectory, claim: Claim, stop: StopRecord): Promise<void> {
    // Never longer than the grace, even if the clock was set back since.
    const graceMs = stopGraceSeconds * 1000;
    const left = Math.min(graceMs, stop.at.getTime() + graceMs - clock.now().getTime());
    if (left <= 0) {
      await kill(directory, claim);
    } else if (!stopping.has(directory.path)) {
      processes.terminate(claim);
      const timer = setTimeout(() => {
        kill(directory, claim).catch((error: unknown) =>
          logger.warn({ error }, 'a task could not be killed'),
        );
      }, left);
      stopping.set(directory.path, timer.unref());
    }
  }

  /** Ends what a task left behind, once. */
  async function sweep(directory: TaskDirectory, claim: Claim): Promise<boolean> {
    if (swept.has(directory.path)) return true;
    clearTimeout(stopping.get(directory.path));
    if (!(await kill(directory, claim))) return false;
    swept.add(directory.path);
    return true;
  }

  async function remove(directory: TaskDirectory): Promise<void> {
    const claim = await directory.claim();
    if (claim !== undefined) {
      await recordStop(directory.path, { at: clock.now(), reason: 'removed' });
      await kill(directory, claim);
    }
    await directory.remove();
    clearTimeout(stopping.get(directory.path));
    stopping.delete(directory.path);
    swept.delete(directory.path);
  }

  async function statusOf(directory: TaskDirectory): Promise<TaskStatus | undefined> {
    const createdAt = await directory.createdAt();
    if (createdAt === undefined) return undefined;
    const [claim, stop] = [await directory.claim(), await readStop(directory.path)];
    const base = omitUndefined({
      arn: `${arnPrefix}${directory.path.slice(tasksDir.length + 1)}`,
      desiredStatus: stop === undefined ? ('RUNNING' as const) : ('STOPPED' as const),
      createdAt,
      stoppedReason: stop === undefined ? undefined : stop.reason,
    });
    if (claim === undefined) {
      if (stop === undefined) return { ...base, lastStatus: 'PROVISIONING' };
      return { ...base, lastStatus: 'STOPPED', stoppedAt: stop.at };
    }

    const running = { ...base, startedAt: claim.at };
    // In this order: a dead supervisor has written its record, if it ever will.
    const lives = await processes.supervisorLives(claim);
    const exit = await directory.exit();
    if (exit === undefined && lives) {
      if (stop !== undefined) await enforceStop(directory, claim, stop);
      return { ...running, lastStatus: stop === undefined ? 'RUNNING' : 'STOPPING' };
    }
    // A task has stopped when nothing that it started is still running.
    if (!(await sweep(directory, claim))) return { ...running, lastStatus: 'STOPPING' };
    const stopped = { ...running, lastStatus: 'STOPPED' as const, desiredStatus: 'STOPPED' as const };
    if (exit !== undefined) {
      const failure = stop === undefined ? interruptionOf(exit.code) : undefined;
      return {
        ...stopped,
        stoppedAt: exit.at,
        exitCode: exit.code,
        stoppedReason: stop?.reason ?? failure?.message ?? `The runner ended with exit code ${exit.code}.`,
        ...omitUndefined({ failure }),
      };
    }
    if (stop !== undefined) return { ...stopped, stoppedAt: stop.at };
    const failure = lossOf(await processes.wasRestartedSince(claim));
    return { ...stopped, stoppedReason: failure.message, failure };
  }

  return {
    name: 'process',
    ignores: ['image', 'cpu', 'memory'],
    withoutServices: true,
    objectsBaseUrl: options.objectsBaseUrl,
    ...(options.taskEnv.HOME === undefined ? {} : { keepsHome: true }),

    async launch(request) {
      if (request.untrusted) throw untrusted();
      const directory = taskDirectory(tasksDir, taskName(request.runId, request.launch));
      try {
        await access(options.runnerPath);
        await directory.prepare(clock.now());
        const begun = (await directory.claim()) ?? (await readStop(directory.path));
        if (begun === undefined) await startSupervisor(supervised(options, request, directory));
      } catch (cause) {
        throw launchFailed(cause);
      }
      const status = await statusOf(directory);
      if (status === undefined || status.lastStatus === 'PROVISIONING') {
        const text = `Nothing was written to ${directory.path}. Is the disk full?`;
        throw new BerthError('no_capacity', text, { hint: 'Check free memory, processes and disk space.' });
      }
      return status;
    },

    async withdraw(request) {
      const name = taskName(request.runId, request.launch);
      const directory = taskDirectory(tasksDir, name);
      // Any supervisor that starts from now on, of this server or an earlier one, finds the record and runs nothing.
      await directory.prepare(clock.now());
      await recordStop(directory.path, { at: clock.now(), reason: 'The launch was withdrawn.' });
      if ((await directory.claim()) === undefined) return undefined;
      return statusOf(directory);
    },

    async describe(tasks) {
      const found = await Promise.all(
        tasks.map(async (task) => {
          const directory = directoryOf(task);
          return [task.arn, directory && (await statusOf(directory))] as const;
        }),
      );
      return new Map(
        found.flatMap(([arn, status]) => (status === undefined ? [] : [[arn, status] as const])),
      );
    },

    async stop(task, reason) {
      const directory = directoryOf(task);
      if (directory === undefined || !(await directory.exists())) return;
      await recordStop(directory.path, { at: clock.now(), reason });
      await statusOf(directory);
    },

    async remove(task) {
      const directory = directoryOf(task);
      if (directory === undefined) return;
      const removal = removals.get(directory.path) ?? remove(directory);
      removals.set(directory.path, removal);
      await removal.finally(() => removals.delete(directory.path));
    },

    async listTasks() {
      const names = (await readdir(tasksDir).catch(absent)) ?? [];
      const found = await Promise.all(
        names.map(async (name): Promise<readonly ListedTask[]> => {
          const parsed = parseTaskName(name);
          if (parsed === undefined) {
            // One that cannot be removed does not hide the tasks.
            await removeRemains(tasksDir, name).catch((error: unknown) =>
              logger.warn({ error, name }, 'the remains of a task could not be removed'),
            );
            return [];
          }
          const directory = taskDirectory(tasksDir, name);
          const status = await statusOf(directory);
          return [
            {
              task: { executor: 'process', arn: `${arnPrefix}${name}` },
              runId: parsed.runId,
              keep: await isKept(directory.path),
              // A crash before the first file leaves a directory that is not a task.
              isStopped: status === undefined || status.lastStatus === 'STOPPED',
            },
          ];
        }),
      );
      return found.flat();
    },
  };
}

function supervised(options: ProcessExecutorOptions, request: LaunchRequest, directory: TaskDirectory) {
  const runner = [options.nodePath, options.runnerPath];
  return {
    directory: directory.path,
    workDirectory: directory.work,
    logPath: logPath(options.dataDir, request.runId),
    command: options.isolation?.wrap(directory, runner) ?? runner,
    env: {
      ...request.env,
      LANG: options.platform === 'darwin' ? 'en_US.UTF-8' : 'C.UTF-8',
      HOME: directory.home,
      ...options.taskEnv,
      TMPDIR: directory.tmp,
      BERTH_WORK_DIR: directory.work,
      BERTH_JOB_URL: request.jobUrl,
      BERTH_LOG_TIMES: 'true',
    },
  };
}

function untrusted(): BerthError {
  return new BerthError('isolation_required', 'The process executor does not run code of forks.', {
    hint: 'Set BERTH_EXECUTOR=docker, or run tasks on Fargate.',
  });
}

function launchFailed(cause: unknown): BerthError {
  return launchError(
    cause,
    'The runner could not be started',
    'Run `npm run build` if the runner is missing. Otherwise check free memory, processes and disk space.',
  );
}

function lossOf(wasRestarted: boolean): NonNullable<TaskStatus['failure']> {
  return wasRestarted
    ? {
        code: 'interrupted',
        message: 'The machine was restarted while the task ran. Run it again.',
        retryable: true,
      }
    : {
        code: 'task_lost',
        message: 'The task disappeared; it may have run out of memory. See the system log.',
        retryable: false,
      };
}
