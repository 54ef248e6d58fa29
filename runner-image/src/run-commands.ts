import { relative } from 'node:path';
import { describeExit } from '../../app/core/model/describe-exit.ts';
import type { Job } from '../../app/core/model/job.ts';
import { type CgroupReading, readCgroup } from './limits/cgroup.ts';
import { type DiskWatch, watchDisk } from './limits/disk-watch.ts';
import { createTextMask } from './output/secret-masker.ts';
import { type CheckedOut, commandEnv, taskRoleEnv } from './process/command-env.ts';
import type { PipeName } from './process/output-pipe.ts';
import { type CommandEnd, runCommand } from './process/run-command.ts';
import { findShell } from './process/shell.ts';
import type { TestFindings } from './results/collect-tests.ts';
import type { OutputWatch } from './results/lines/output-watch.ts';
import { markCheckout } from './run-mark.ts';
import { RunnerError } from './runner-error.ts';
import type { SuiteDeps } from './suite-deps.ts';
import type { CommandsEnd } from './suite-end.ts';
import { startTimeLimit } from './time-limit.ts';
import { askToolVersions } from './tool-versions.ts';

export interface CommandsDeps extends SuiteDeps {
  /** Pipes for the output of each command. */
  readonly pipes: Readonly<Record<'setup' | 'test' | 'rerun', PipeName>>;
  /** See `SuiteEnd`. */
  readonly startedAtMs: number;
  /** Where the commands run. */
  readonly cwd: string;
  /** Reads the results of the command so far. */
  readonly readTests: (job: Job, end: CommandsEnd) => Promise<TestFindings>;
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
  const mask = createTextMask(deps.secrets);

  async function run(
    pipe: PipeName,
    command: string,
    more: { readonly watch?: OutputWatch; readonly env?: Readonly<Record<string, string>> } = {},
  ): Promise<CommandsEnd> {
    const output = await pipe.open();
    const end = await runCommand({
      ...deps,
      command,
      shell,
      cwd: deps.cwd,
      env: { ...env, ...more.env },
      output,
      ...(more.watch === undefined ? {} : { watch: more.watch }),
      stop,
      onStop: () => deps.log.say(stopReason(job, deps, disk)),
      graceMs: () => (disk?.exceeded.aborted ? 0 : graceMs(job, deps)),
      hurry: cancellation.hurry,
    });
    return explained(outcomeOf(end, job, deps, disk), { job, before, deps, env, disk });
  }

  function begin(name: keyof typeof phaseLines): void {
    phases.start(name);
    deps.log.say(phaseLines[name]);
  }

  async function runTests(
    pipe: PipeName,
    command: string,
    more: Readonly<Record<string, string>> = {},
  ): Promise<CommandsEnd> {
    const watch = createOutputWatch(mask);
    const end = await run(pipe, command, { watch, env: more });
    return { ...end, output: watch.findings() };
  }

  async function runFailed(rerun: NonNullable<Job['rerun']>): Promise<CommandsEnd> {
    const { runFailedTests } = await import('./rerun/run-failed-tests.ts');
    const end = await runFailedTests(job, rerun, {
      checkout: workspace.checkout,
      directory: relative(workspace.checkout, deps.cwd),
      sha: source.sha,
      env,
      temporary: workspace.temporary,
      signal: stop,
      say: deps.log.say,
      run: (command, more) => runTests(deps.pipes.rerun, command, more),
      read: (ended) => deps.readTests(job, ended),
    });
    if (!('wholeSuite' in end)) return end;
    // Only files from now on are results of the whole suite.
    const startedAtMs = markCheckout(workspace.private).start();
    const whole = await runTests(deps.pipes.test, job.command);
    return { ...whole, startedAtMs, warnings: [end.wholeSuite, ...(whole.warnings ?? [])] };
  }

  try {
    if (job.setup !== undefined) {
      begin('setup');
      const end = await run(deps.pipes.setup, job.setup);
      const setup = afterSetup(end, deps.log.tail.lines({ count: 30, maxCharacters: 500 }));
      if (setup.outcome !== 'succeeded') return { ...setup, toolVersions: tools.found() };
    }
    begin('test');
    const end =
      job.rerun === undefined ? await runTests(deps.pipes.test, job.command) : await runFailed(job.rerun);
    return { ...end, toolVersions: tools.found() };
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
  if (cancellation.requested.aborted) return 'The run was canceled. Stopping the command.';
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

interface EndContext {
  readonly job: Job;
  readonly before: CgroupReading;
  readonly deps: SuiteDeps;
  readonly env: Readonly<Record<string, string>>;
  readonly disk: DiskWatch | undefined;
}

/** Adds the limit that caused a failure, if there is one. */
async function explained(
  end: CommandsEnd,
  { job, before, deps, env, disk }: EndContext,
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
