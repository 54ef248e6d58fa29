import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { createLineSplitter } from '../output/line-splitter.ts';
import type { RunLog } from '../output/run-log.ts';
import { createSecretMasker } from '../output/secret-masker.ts';
import type { OutputWatch } from '../results/lines/output-watch.ts';
import { errorText, RunnerError } from '../runner-error.ts';
import type { OutputPipe } from './output-pipe.ts';
import { endGroup, isAnythingLeft, type ProcessGroup, processTagVariable } from './process-group.ts';
import type { Shell } from './shell.ts';

/** How long leftover processes may continue to write output after the shell has ended. */
const lingerMs = 1_000;
/** How long leftover processes have between TERM and KILL. */
const leftoverGraceMs = 2_000;
/** How long reading the rest of the pipe may take after every process has ended. */
const drainMs = 2_000;
/** If memory runs out, the kernel should kill the tests and not the runner, which must report it. */
const oomScoreAdjustment = '500';

export interface CommandOptions {
  readonly command: string;
  readonly shell: Shell;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly output: OutputPipe;
  readonly log: RunLog;
  /** Reads the output on its way to the log. */
  readonly watch?: Pick<OutputWatch, 'take'>;
  readonly secrets: readonly string[];
  /** Fires when the command must end: at the time limit, or when the run is canceled. */
  readonly stop: AbortSignal;
  /** Called if `stop` fires before the command ends. */
  readonly onStop: () => void;
  /** Returns the time between TERM and KILL. Called after `stop` has fired. */
  readonly graceMs: () => number;
  /** Ends the grace period immediately. */
  readonly hurry: AbortSignal;
}

export interface CommandEnd {
  /** Null if a signal ended the shell. */
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  /** The runner stopped the command. */
  readonly wasStopped: boolean;
}

/**
 * Runs a shell command in its own process group, and returns when none of its processes is left, in the group or outside
 * it. Its output goes to the log while the command runs.
 *
 * @throws RunnerError `command_not_started`
 */
export async function runCommand(options: CommandOptions): Promise<CommandEnd> {
  const child = await start(options);
  const group = groupOf(child, options.env);
  const reading = readOutput(options);
  const exit = exitOf(child);

  const ended = await Promise.race([exit, aborted(options.stop)]);
  if (ended === undefined) {
    options.onStop();
    await endGroup(group, { graceMs: options.graceMs(), hurry: options.hurry });
  } else {
    await Promise.race([reading, pause(lingerMs), aborted(options.stop)]);
    if (isAnythingLeft(group)) await endLeftovers(group, options);
  }
  await finishReading(reading, options.output.reader);
  const { exitCode, signal } = await exit;
  return { exitCode, signal, wasStopped: ended === undefined };
}

async function start(options: CommandOptions): Promise<ChildProcess> {
  const { shell, output } = options;
  try {
    const child = spawn(shell.file, await shell.argsOf(options.command), {
      cwd: options.cwd,
      env: { ...options.env },
      detached: true,
      stdio: ['ignore', output.writeFd, output.writeFd],
    });
    if (child.pid === undefined) await once(child, 'spawn');
    else preferForOomKill(child.pid);
    return child;
  } catch (error) {
    output.reader.destroy();
    throw new RunnerError('command_not_started', notStartedText(error), error);
  } finally {
    output.closeWriter();
  }
}

function notStartedText(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'E2BIG') {
    return 'The command could not start: the command and its environment are too long. Put the command in a script.';
  }
  if (code === 'EAGAIN') {
    return 'The command could not start: no more processes are allowed. Raise the limit on processes.';
  }
  return `The command could not start: ${errorText(error)}.`;
}

function preferForOomKill(pid: number): void {
  try {
    writeFileSync(`/proc/${pid}/oom_score_adj`, oomScoreAdjustment);
  } catch {
    // Not Linux, or the process has already ended.
  }
}

function groupOf(child: ChildProcess, env: Readonly<Record<string, string>>): ProcessGroup {
  if (child.pid === undefined) throw new RunnerError('command_not_started', 'The command could not start.');
  return { pgid: child.pid, tag: env[processTagVariable] ?? '' };
}

function exitOf(child: ChildProcess): Promise<Omit<CommandEnd, 'wasStopped'>> {
  return new Promise((resolve) => {
    child.once('exit', (exitCode, signal) => resolve({ exitCode, signal }));
  });
}

/** Resolves to undefined when the signal fires. */
function aborted(signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(undefined);
    signal.addEventListener('abort', () => resolve(undefined), { once: true });
  });
}

async function endLeftovers(group: ProcessGroup, options: CommandOptions): Promise<void> {
  options.log.say('The command has ended, and some of its processes are still running. Stopping them.');
  await endGroup(group, { graceMs: leftoverGraceMs, hurry: AbortSignal.any([options.hurry, options.stop]) });
}

async function readOutput({ output, log, watch, secrets }: CommandOptions): Promise<void> {
  const masker = createSecretMasker(secrets);
  const splitter = createLineSplitter();
  const write = (block: Buffer) => log.write(watch?.take(block) ?? block);
  try {
    for await (const chunk of output.reader) {
      for (const block of splitter.push(masker.push(chunk))) await write(block);
    }
  } finally {
    for (const block of [...splitter.push(masker.flush()), ...splitter.flush()]) await write(block);
  }
}

/** A process that is stuck in the kernel, or a reader that takes nothing more, must not block the end of the run. */
async function finishReading(reading: Promise<void>, reader: Socket): Promise<void> {
  const isDone = await Promise.race([reading.then(() => true), pause(drainMs, false)]);
  if (isDone) return;
  reading.catch(() => undefined);
  reader.destroy();
}
