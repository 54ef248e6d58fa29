import { describeExit } from '../../app/core/model/describe-exit.ts';
import type { Job, JobResult } from '../../app/core/model/job.ts';
import { type CgroupReading, readCgroup } from './limits/cgroup.ts';
import { type DiskWatch, watchDisk } from './limits/disk-watch.ts';
import { createTextMask } from './output/secret-masker.ts';
import { type CheckedOut, commandEnv, taskRoleEnv } from './process/command-env.ts';
import type { PipeName } from './process/output-pipe.ts';
import { type CommandEnd, runCommand } from './process/run-command.ts';
import { findShell } from './process/shell.ts';
import type { LineFindings } from './results/lines/line-reader.ts';
import { RunnerError } from './runner-error.ts';
import type { SuiteDeps } from './suite-deps.ts';
import { startTimeLimit } from './time-limit.ts';
import { askToolVersions } from './tool-versions.ts';

/** How a suite's commands ended. */
export interface CommandsEnd {
  readonly outcome: JobResult['outcome'];
  readonly exitCode: number | null;
  readonly signal?: NodeJS.Signals;
  readonly error?: RunnerError;
  readonly warnings?: JobResult['warnings'];
  /** Test results that the test command printed. */
  readonly output?: readonly LineFindings[];
  /** Versions of the tools that the suite uses. */
  readonly toolVersions?: readonly (readonly [string, string])[];
}

export interface CommandsDeps extends SuiteDeps {
  /** Pipes for the output of each command. */
  readonly pipes: Readonly<Record<'setup' | 'test', PipeName>>;
  /** See `SuiteEnd`. */
  readonly startedAtMs: number;
  /** Where the commands run. */
  readonly cwd: string;
}

/** Lines that begin a phase in the log; the dashboard folds by them. */
const phaseLines = {
  setup: 'Running the setup command.',
  test: 'Running the test command.',
} as const;

/** A cancelled run has less grace time than the suite may have configured. */
const cancelGraceMs = 4_000;

/**
 * Runs a suite's `setup` and `command` under one time limit.
 *
 * @throws RunnerError `command_not_started`, or the reason of a cancellation between two commands
 */
export async function runCommands(job: Job, source: CheckedOut, deps: CommandsDeps): Promise<CommandsEnd> {
  const { cancellation, phases, workspace } = deps;
  const env = {
    ...commandEnv(deps.baseEnv, job, source, workspace.output),
    // SDKs prefer the role of the task, so the suite's own role excludes it.
    ...(job.credentials === undefined ? taskRoleEnv(deps.ownEnv, job) : deps.roleEnv),
  };
  const shell = await findShell(job.shell, { path: env.PATH ?? '', directory: workspace.temporary });
  const before = readCgroup();
  const timeLimit = startTimeLimit(job.limits.timeoutSeconds);
  const disk = diskWatch(job, deps);
  const stop = AbortSignal.any([cancellation.requested, timeLimit.over, ...(disk ? [disk.exceeded] : [])]);
  const tools = askToolVersions(workspace.checkout, deps.baseEnv);
  const { createOutputWatch } = await import('./results/lines/output-watch.ts');
  const watch = createOutputWatch(createTextMask(deps.secrets));

  async function run(name: 'setup' | 'test', command: string): Promise<CommandsEnd> {
    phases.start(name);
    deps.log.say(phaseLines[name]);
    const output = await deps.pipes[name].open();
    const end = await runCommand({
      ...deps,
      command,
      shell,
      cwd: deps.cwd,
      env,
      output,
      ...(name === 'test' ? { watch } : {}),
      stop,
      onStop: () => deps.log.say(stopReason(job, deps, disk)),
      graceMs: () => (disk?.exceeded.aborted ? 0 : graceMs(job, deps)),
      hurry: cancellation.hurry,
    });
    return explained(outcomeOf(end, job, deps, disk), { job, before, deps, env, disk });
  }

  try {
    const setup =
      job.setup === undefined
        ? undefined
        : afterSetup(await run('setup', job.setup), deps.log.tail.lines({ count: 30, maxCharacters: 500 }));
    const end = setup === undefined || setup.outcome === 'succeeded' ? await run('test', job.command) : setup;
    return { ...end, output: watch.findings(), toolVersions: tools.found() };
  } finally {
    timeLimit.clear();
    disk?.stop();
    tools.stop();
  }
}

/** An image sets this variable to more directories, separated by colons, that only the run writes to. */
const diskDirectoriesVariable = 'BERTH_DISK_DIRS';

function diskWatch({ limits: { diskMib } }: Job, deps: CommandsDeps): DiskWatch | undefined {
  if (diskMib === undefined) return undefined;
  const { checkout, temporary } = deps.workspace;
  const more = (deps.ownEnv[diskDirectoriesVariable] ?? '').split(':').filter((path) => path.startsWith('/'));
  return watchDisk({
    limitMib: diskMib,
    directories: [checkout, temporary, ...more],
    sinceMs: deps.startedAtMs,
    logBytes: () => deps.log.bytes,
  });
}

function graceMs(job: Job, { cancellation }: SuiteDeps): number {
  const configured = job.limits.killGraceSeconds * 1000;
  return cancellation.requested.aborted ? Math.min(configured, cancelGraceMs) : configured;
}

function stopReason({ limits }: Job, { cancellation }: SuiteDeps, disk: DiskWatch | undefined): string {
  if (cancellation.requested.aborted) return 'The run was cancelled. Stopping the command.';
  if (disk?.exceeded.aborted) return 'The disk limit was reached. Stopping the command.';
  return `The time limit of ${limits.timeoutSeconds} s was reached. Stopping the command.`;
}

function outcomeOf(
  end: CommandEnd,
  { limits }: Job,
  { cancellation, log }: SuiteDeps,
  disk: DiskWatch | undefined,
): CommandsEnd {
  const exit = { exitCode: end.exitCode, ...(end.signal === null ? {} : { signal: end.signal }) };
  if (cancellation.requested.aborted) return { outcome: 'cancelled', ...exit };
  if (end.wasStopped && disk?.exceeded.aborted) {
    return { outcome: 'errored', ...exit, error: diskUsedUp(limits, log.bytes) };
  }
  if (end.wasStopped) return { outcome: 'timed_out', ...exit };
  return { outcome: end.exitCode === 0 ? 'succeeded' : 'failed', ...exit };
}

function diskUsedUp({ diskMib = 0 }: Job['limits'], logBytes: number): RunnerError {
  const logMib = Math.round(logBytes / 1024 / 1024);
  const log = logMib > diskMib / 2 ? `, including ${logMib} MiB of log` : '';
  return new RunnerError(
    'disk_full',
    `The command exceeded its disk limit of ${diskMib} MiB${log}. Give the suite more \`disk\`, or write less.`,
  );
}

interface Circumstances {
  readonly job: Job;
  readonly before: CgroupReading;
  readonly deps: SuiteDeps;
  readonly env: Readonly<Record<string, string>>;
  readonly disk: DiskWatch | undefined;
}

/** Adds the limit that caused a failure, if there is one. */
async function explained(
  end: CommandsEnd,
  { job, before, deps, env, disk }: Circumstances,
): Promise<CommandsEnd> {
  if (end.outcome === 'cancelled' || end.error !== undefined) return end;
  const { exceededLimit, saysNoSpace, survivedLimits } = await import('./limits/exceeded-limit.ts');
  if (end.outcome === 'succeeded') return { ...end, warnings: survivedLimits(before, readCgroup()) };
  const lastLines = deps.log.tail.lines({ count: 100, maxCharacters: 2_000 });
  const isOver = saysNoSpace(lastLines) && (await disk?.isExceeded());
  const error = isOver
    ? diskUsedUp(job.limits, deps.log.bytes)
    : await exceededLimit({
        ...end,
        before,
        after: readCgroup(),
        limits: job.limits,
        directories: [deps.workspace.checkout, deps.workspace.temporary, env.HOME ?? '/', '/tmp', '/dev/shm'],
        lastLines,
      });
  if (error === undefined) return end;
  return { ...end, error, outcome: end.outcome === 'failed' ? 'errored' : end.outcome };
}

/** A setup that failed ends the run before its tests. */
function afterSetup(end: CommandsEnd, logTail: readonly string[]): CommandsEnd {
  if (end.outcome !== 'failed') return end;
  const how = describeExit({ ...end, logTail });
  return {
    ...end,
    outcome: 'errored',
    error: new RunnerError('setup_failed', `The setup command failed, so the tests did not run. ${how}`),
  };
}
