import type { Job } from '../../app/domain/job.ts';
import type { Cancellation } from './cancellation.ts';
import type { RunLog } from './output/run-log.ts';
import { type CheckedOut, commandEnv } from './process/command-env.ts';
import { openOutputPipe } from './process/output-pipe.ts';
import { type CommandEnd, runCommand } from './process/run-command.ts';
import { findShell } from './process/shell.ts';
import type { RunPhases } from './run-phases.ts';
import { errorText, RunnerError } from './runner-error.ts';
import { checkoutSource } from './source/checkout-source.ts';
import { startTimeLimit } from './time-limit.ts';
import type { Workspace } from './workspace.ts';

/** How the run itself ended, before anything is read from what it left behind. */
export interface SuiteEnd {
  readonly outcome: 'succeeded' | 'failed' | 'timed_out' | 'cancelled' | 'errored';
  readonly exitCode: number | null;
  readonly signal?: NodeJS.Signals;
  readonly error?: RunnerError;
  readonly sha?: string;
}

export interface SuiteDeps {
  readonly workspace: Workspace;
  readonly log: RunLog;
  readonly phases: RunPhases;
  readonly cancellation: Cancellation;
  /** See `baseEnv`. */
  readonly baseEnv: Readonly<Record<string, string>>;
  readonly secrets: readonly string[];
  /** Called between the checkout and the first command. */
  readonly onCheckedOut: () => Promise<void>;
}

/** A cancelled run has less time for an orderly end than the suite may have asked for. */
const cancelGraceMs = 4_000;

/** Fetches the source and runs the suite's commands. Never throws: whatever happens is an end of the run. */
export async function runSuite(job: Job, deps: SuiteDeps): Promise<SuiteEnd> {
  let source: CheckedOut | undefined;
  try {
    source = await fetchSource(job, deps);
    await deps.onCheckedOut();
    return { ...(await runCommands(job, source, deps)), sha: source.sha };
  } catch (error) {
    const sha = source === undefined ? {} : { sha: source.sha };
    if (deps.cancellation.requested.aborted) return { outcome: 'cancelled', exitCode: null, ...sha };
    return { outcome: 'errored', exitCode: null, error: asRunnerError(error), ...sha };
  }
}

async function fetchSource(
  job: Job,
  { workspace, log, phases, cancellation, baseEnv }: SuiteDeps,
): Promise<CheckedOut> {
  phases.start('fetch');
  log.say(`Run ${job.runId}: ${job.suite} of ${job.project}.`);
  const source = await checkoutSource(job.source, {
    directory: workspace.checkout,
    privateDirectory: workspace.private,
    env: baseEnv,
    signal: cancellation.requested,
  });
  log.say(`Checked out ${source.sha} of ${JSON.stringify(job.source.branch)}.`);
  return source;
}

async function runCommands(job: Job, source: CheckedOut, deps: SuiteDeps): Promise<SuiteEnd> {
  const { cancellation, phases } = deps;
  const env = commandEnv(deps.baseEnv, job, source);
  const shell = await findShell(env.PATH ?? '');
  const timeLimit = startTimeLimit(job.limits.timeoutSeconds);
  const stop = AbortSignal.any([cancellation.requested, timeLimit.over]);

  async function run(command: string, name: string): Promise<CommandEnd> {
    stop.throwIfAborted();
    return runCommand({
      ...deps,
      command,
      shell,
      cwd: deps.workspace.checkout,
      env,
      output: await openOutputPipe(deps.workspace.private, name),
      stop,
      graceMs: () => graceMs(job, cancellation),
      hurry: cancellation.hurry,
    });
  }

  function endOf(end: CommandEnd): SuiteEnd {
    const exit = { exitCode: end.exitCode, ...(end.signal === null ? {} : { signal: end.signal }) };
    if (cancellation.requested.aborted) return { outcome: 'cancelled', ...exit };
    if (end.wasStopped) return { outcome: 'timed_out', ...exit };
    return { outcome: end.exitCode === 0 ? 'succeeded' : 'failed', ...exit };
  }

  timeLimit.over.addEventListener('abort', () => {
    deps.log.say(`The time limit of ${job.limits.timeoutSeconds} s is over; the command is being ended.`);
  });
  try {
    if (job.setup !== undefined) {
      phases.start('setup');
      const end = endOf(await run(job.setup, 'setup'));
      if (end.outcome === 'failed') return { ...end, outcome: 'errored', error: setupFailure(end) };
      if (end.outcome !== 'succeeded') return end;
    }
    phases.start('test');
    return endOf(await run(job.command, 'command'));
  } finally {
    timeLimit.clear();
  }
}

function graceMs(job: Job, cancellation: Cancellation): number {
  const configured = job.limits.killGraceSeconds * 1000;
  return cancellation.requested.aborted ? Math.min(configured, cancelGraceMs) : configured;
}

function setupFailure(end: SuiteEnd): RunnerError {
  const how = end.signal === undefined ? `with exit code ${end.exitCode}` : `by signal ${end.signal}`;
  return new RunnerError(
    'setup_failed',
    `The setup command ended ${how}, so the tests were not run: see the log.`,
  );
}

function asRunnerError(error: unknown): RunnerError {
  if (error instanceof RunnerError) return error;
  return new RunnerError('runner_failed', `The runner failed: ${errorText(error)}.`, error);
}
