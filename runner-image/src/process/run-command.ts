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

/** How long what a command left behind may go on writing to its output after the shell has ended. */
const lingerMs = 1_000;
/** How long what a command left behind has between TERM and KILL. */
const leftoverGraceMs = 2_000;
/** How long the output that is already in the pipe may take after every process is gone. */
const drainMs = 2_000;
/** Where memory runs out, the kernel is to end the tests and not the runner that has to tell about it. */
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
  /** Fires when the command has to end: the time is up, or the run was cancelled. */
  readonly stop: AbortSignal;
  /** Told when `stop` has come before the command's own end. */
  readonly onStop: () => void;
  /** Between TERM and KILL. Asked when `stop` has fired. */
  readonly graceMs: () => number;
  /** Ends the grace at once. */
  readonly hurry: AbortSignal;
}

export interface CommandEnd {
  /** Null where the shell was ended by a signal. */
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  /** The command was told to end before it did so by itself. */
  readonly wasStopped: boolean;
}

/**
 * Runs a shell command in a process group of its own, and returns when nothing of it is left: neither its group nor
 * processes that have left the group. Its output goes to the log as it comes.
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
    const child = spawn(shell.file, [...shell.args, options.command], {
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
    return 'The command could not be started: the command and its environment are too long. Put the command in a script.';
  }
  if (code === 'EAGAIN') {
    return 'The command could not be started: no more processes are allowed. Raise the limit on processes.';
  }
  return `The command could not be started: ${errorText(error)}.`;
}

function preferForOomKill(pid: number): void {
  try {
    writeFileSync(`/proc/${pid}/oom_score_adj`, oomScoreAdjustment);
  } catch {
    // Not Linux, or the process is gone already: then there is nothing to prefer.
  }
}

function groupOf(child: ChildProcess, env: Readonly<Record<string, string>>): ProcessGroup {
  if (child.pid === undefined)
    throw new RunnerError('command_not_started', 'The command could not be started.');
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
  options.log.say('The command has ended and left processes behind; they are being ended.');
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

/** A process that is stuck in the kernel, or a reader that takes nothing more, may not keep the run from its end. */
async function finishReading(reading: Promise<void>, reader: Socket): Promise<void> {
  const isDone = await Promise.race([reading.then(() => true), pause(drainMs, false)]);
  if (isDone) return;
  reading.catch(() => undefined);
  reader.destroy();
}
